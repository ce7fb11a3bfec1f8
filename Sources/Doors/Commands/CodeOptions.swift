import ArgumentParser

/// What every verb takes that stakes tries of a code.
struct ConsentOptions: ParsableArguments {
    @Option(
        help: Help.argument(
            "Consent to spend the last try: the last_try_consent of the answer before.",
            "Accord pour le dernier essai : le last_try_consent de la réponse précédente."))
    var acceptLastTry: ResourceID?
}

extension String {
    /// Id of the attempt whose answer held this consent: it stands before a dot, and the attempt may still be open.
    var consentedAttempt: String? {
        let parts = split(separator: ".")
        return parts.count == 2 ? String(parts[0]) : nil
    }
}

/// What every verb takes that asks for the PIN alone.
struct PINEntryOptions: ParsableArguments {
    @Flag(help: Help.argument("Read the PIN from one line of standard input.", "Lire le code sur une ligne de l'entrée standard."))
    var pinStdin = false

    @OptionGroup var consent: ConsentOptions
}
