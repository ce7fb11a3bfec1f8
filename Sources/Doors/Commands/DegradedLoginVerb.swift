import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct DegradedLoginVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: Help.text("Come in without the card, by one's password.", "Entrer sans la carte, par son mot de passe."),
        discussion: Help.text(
            """
            People are told, and somebody else reviews it. The password is asked on the terminal; with --password-stdin it is one line of \
            standard input. The reasons are those of `cpsctl degraded status`.

              cpsctl degraded login 99900063480 --reason card_lost    a session
            """,
            """
            Des personnes sont prévenues, et une autre revoit cet accès. Le mot de passe est demandé au terminal ; avec --password-stdin \
            c'est une ligne de l'entrée standard. Les motifs sont ceux de `cpsctl degraded status`.

              cpsctl degraded login 99900063480 --reason card_lost    une session
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: Help.argument(
            "RPPS number, national identifier, or identifier of a local account.",
            "Numéro RPPS, identifiant national, ou identifiant d'un compte local."))
    var person: String

    @OptionGroup var absence: AbsenceOptions
    @OptionGroup var token: WantedToken

    @Option(help: Help.argument("The situation of practice to work in.", "La situation d'exercice dans laquelle travailler."))
    var profile: ResourceID?

    @OptionGroup var emergency: EmergencyWithLogin
    @OptionGroup var source: PasswordSource

    func validate() throws {
        try token.check()
        try emergency.check()
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let wishes = ["identifier": JSON.string(person), "profile": profile.map { .string($0.text) }]
        let body = JSON.object(
            [absence.members, emergency.members, wishes.compactMapValues { $0 }].reduce(token.members) { all, more in
                all.merging(more) { own, _ in own }
            })
        let route = ["degraded", "logins"]
        let begun = try tool.client.send(AgentRequest(.post, route, body: .json(body))).json()
        guard let id = begun["id"]?.string else {
            throw tool.output.problem(.internalError, Text("la réponse n'a pas d'id", "the answer has no id"))
        }
        var codes = CodeDialogue(
            tool: tool, source: source.passwordStdin ? .standardInput : .terminal, consent: nil, givenUp: DegradedSentence.givenUp,
            kind: .password)
        let opened: JSON
        do throws(Problem) {
            opened = try codes.give(DegradedSentence.passwordPrompt, offered: nil, to: route + [id, "password"])
        } catch {
            tool.giveUp(route + [id])
            codes.stopIfInterrupted()
            throw error
        }
        let settled = try ProfileDialogue(tool: tool, isTalking: codes.isTalking).settled(opened, token: token.members)
        try tool.show(opened: settled)
        return .done
    }
}

/// Why a card is not used.
struct AbsenceOptions: ParsableArguments {
    @Option(help: Help.argument("Why the card is not used.", "Pourquoi la carte n'est pas utilisée."))
    var reason: String

    @Option(help: Help.argument("What there is to say of it, on one line.", "Ce qu'il y a à en dire, sur une ligne."))
    var note: String?

    var members: [String: JSON] { ["reason": JSON.string(reason), "note": note.map(JSON.string)].compactMapValues { $0 } }
}

/// The token that comes with a session.
struct WantedToken: ParsableArguments {
    @Option(
        help: Help.argument(
            "The service that a token is wanted for; without it, no token.",
            "Le service pour lequel un jeton est voulu ; sans lui, pas de jeton."))
    var audience: ResourceID?

    @Option(
        name: .customLong("scope"), help: Help.argument("A right to ask for; may be repeated.", "Un droit à demander ; peut être répété."))
    var scopes: [String] = []

    func check() throws {
        if !scopes.isEmpty, audience == nil { throw ValidationError("--scope needs --audience") }
    }

    /// What a token is asked for with; empty for none.
    var members: [String: JSON] {
        var members = audience.map { ["audience": JSON.string($0.text)] } ?? [:]
        if !scopes.isEmpty { members["scopes"] = .array(scopes.map(JSON.string)) }
        return members
    }
}

extension Tool {
    /// Shows a session with the token that came with it, and what was done without the card since the last login with it.
    func show(opened: JSON) throws(Problem) {
        try output.show(opened) {
            let language = output.language
            var lines = opened["session"]?.sessionLines(language) ?? []
            if let token = opened["access_token"]?.string {
                lines += ["\(Sentence.token.in(language)): \(token)", "\(Sentence.lifetime.in(language)): \(opened.text("expires_in"))"]
            }
            if opened["password_renewal_suggested"] != nil { lines.append(DegradedSentence.renewalSuggested.in(language)) }
            let uses = opened["degraded_since_last_login"]?.array ?? []
            guard !uses.isEmpty else { return lines }
            return lines + [DegradedSentence.sinceLastLogin.in(language)]
                + Table.lines(
                    uses.map { use in
                        [
                            "  \(use.text("at"))", use.words("kind", language, DegradedSentence.kind),
                            use.words("reason", language, ReasonSentence.absence),
                            use.text("made_by"),
                        ]
                    })
        }
    }
}
