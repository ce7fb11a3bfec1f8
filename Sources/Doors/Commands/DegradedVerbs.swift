import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct DegradedVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "degraded",
        abstract: Help.text(
            "The way in without the card: one's password.", "L'entrée sans la carte : son mot de passe."),
        discussion: Help.text(
            """
            Examples:

              cpsctl degraded enrol                   with the card there: choose the password for the day it is not
              cpsctl degraded password 99900063480    change a password by the one before, an initial one too
              cpsctl degraded login 99900063480 --reason card_lost    come in by it
            """,
            """
            Exemples :

              cpsctl degraded enrol                   carte présente : choisir le mot de passe du jour où elle manquera
              cpsctl degraded password 99900063480    changer un mot de passe par le précédent, même initial
              cpsctl degraded login 99900063480 --reason card_lost    entrer par lui
            """),
        subcommands: [
            DegradedEnrolVerb.self, DegradedLoginVerb.self, DegradedPasswordVerb.self, DegradedStatusVerb.self, LostCardVerbs.self,
        ])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl degraded" }
}

struct DegradedEnrolVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: Help.text(
            "Choose one's password, in a session with one's card.", "Choisir son mot de passe, dans une session ouverte par sa carte."),
        discussion: Help.text(
            """
            The password is asked twice on the terminal; with --password-stdin it is one line of standard input. It has 12 characters of four \
            kinds, or 14 (capitals, small letters, digits), or 7 words; 16 characters at least for who administers.
            """,
            """
            Le mot de passe est demandé deux fois au terminal ; avec --password-stdin c'est une ligne de l'entrée standard. Il a 12 caractères \
            de quatre sortes, ou 14 (majuscules, minuscules, chiffres), ou 7 mots ; au moins 16 caractères pour qui administre.
            """))

    @OptionGroup var global: GlobalOptions
    @OptionGroup var own: OwnSession
    @OptionGroup var source: PasswordSource

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        var dialogue = PasswordDialogue(tool: tool, source: source)
        return try dialogue.enrol(in: try tool.session(own.session))
    }
}

struct DegradedPasswordVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: Help.text("Change one's password by the one in force.", "Changer son mot de passe par celui en vigueur."),
        discussion: Help.text(
            """
            The passwords are asked on the terminal, the new one twice; with --password-stdin they are two lines of standard input: the \
            password in force, the new one.
            """,
            """
            Les mots de passe sont demandés au terminal, le nouveau deux fois ; avec --password-stdin ce sont deux lignes de l'entrée \
            standard : le mot de passe en vigueur, le nouveau.
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: Help.argument(
            "RPPS number, national identifier, or identifier of a local account.",
            "Numéro RPPS, identifiant national, ou identifiant d'un compte local."))
    var person: String

    @OptionGroup var source: PasswordSource

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        var dialogue = PasswordDialogue(tool: tool, source: source)
        return try dialogue.change(person)
    }
}

/// Where a verb takes passwords from.
struct PasswordSource: ParsableArguments {
    @Flag(
        help: Help.argument(
            "Read the passwords from standard input, one a line.", "Lire les mots de passe sur l'entrée standard, un par ligne."))
    var passwordStdin = false
}
