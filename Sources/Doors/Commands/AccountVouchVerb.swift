import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct AccountVouchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "vouch",
        abstract: Help.text(
            "Let a colleague in who stands beside you without their card, by your own card and PIN.",
            "Faire entrer un collègue présent sans sa carte, par sa propre carte et son code."),
        discussion: Help.text(
            """
            You answer for who they are: your name is in their session, in its tokens' traces and in the review. The PIN is asked on the \
            terminal; with --pin-stdin it is one line of standard input.

              cpsctl account vouch 99900063480 --family-name MARTIN --given-name PAUL \\
                --profession 10 --reason card_forgotten
            """,
            """
            Vous répondez de son identité : votre nom est dans sa session, dans les traces et dans la revue. Le code est demandé au \
            terminal ; avec --pin-stdin c'est une ligne de l'entrée standard.

              cpsctl account vouch 99700245667 --family-name DURAND --given-name ANNE \\
                --profession 60 --reason card_lost
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("RPPS number or national identifier.", "Numéro RPPS ou identifiant national."))
    var person: String

    @Option(help: Help.argument("Family name of the person.", "Nom de famille de la personne."))
    var familyName: String

    @Option(help: Help.argument("Given name of the person.", "Prénom de la personne."))
    var givenName: String

    @Option(help: Help.argument("Code of the profession (table G15).", "Code de la profession (table G15)."))
    var profession: String

    @Option(
        help: Help.argument("How long the session may last; else as long as may be.", "Durée de la session ; sinon la plus longue permise.")
    )
    var minutes: Int64?

    @OptionGroup var absence: AbsenceOptions
    @OptionGroup var token: WantedToken
    @OptionGroup var own: OwnSession
    @OptionGroup var entry: PINEntryOptions

    func validate() throws { try token.check() }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let attempt = PINAttempt(
            tool: tool, route: ["degraded", "vouchings"], entry: entry, givenUp: DegradedSentence.vouchingGivenUp)
        let opened = try attempt.complete(try attempt.begun { () throws(Problem) in try body(tool) })
        try tool.show(opened: opened)
        return .done
    }

    private func body(_ tool: Tool) throws(Problem) -> JSON {
        let named: [String: JSON] = [
            "session": .string(try tool.session(own.session)), "national_id": .string(person), "family_name": .string(familyName),
            "given_name": .string(givenName), "profession": .string(profession),
        ]
        var body = named.merging(absence.members) { own, _ in own }.merging(token.members) { own, _ in own }
        body["minutes"] = minutes.map(JSON.int)
        return .object(body)
    }
}
