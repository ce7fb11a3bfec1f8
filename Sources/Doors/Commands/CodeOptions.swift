import ArgumentParser

/// What every verb takes that stakes tries of a code.
struct ConsentOptions: ParsableArguments {
    @Option(
        help: Help.argument(
            "Consent to spend the last try: the last_try_consent of the answer before.",
            "Accord pour le dernier essai : le last_try_consent de la réponse précédente."))
    var acceptLastTry: ResourceID?
}

/// What every verb takes that asks for the PIN alone.
struct PINEntryOptions: ParsableArguments {
    @Flag(help: Help.argument("Read the PIN from one line of standard input.", "Lire le code sur une ligne de l'entrée standard."))
    var pinStdin = false

    @OptionGroup var consent: ConsentOptions
}
