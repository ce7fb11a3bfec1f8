import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct LoginVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: Help.text("Log in with the card and its PIN.", "Se connecter avec la carte et son code."),
        discussion: Help.text(
            """
            The PIN is entered on the reader when it has a keypad, else on the terminal; with --pin-stdin it is one line of standard \
            input; with --prompt a window of pinentry asks for it, and says who wants the login.

              cpsctl login --audience https://records.example
              cpsctl --json login --prompt --for 'Records' --audience https://records.example
              cpsctl login --audience https://records.example --break-glass vital_emergency --patient unknown
            """,
            """
            Le code est saisi sur le lecteur quand il a un clavier, sinon au terminal ; avec --pin-stdin c'est une ligne de l'entrée \
            standard ; avec --prompt une fenêtre de pinentry le demande, et dit qui veut la connexion.

              cpsctl login --audience https://dossiers.example
              cpsctl --json login --prompt --for 'Dossiers' --audience https://dossiers.example
              cpsctl login --audience https://dossiers.example --break-glass vital_emergency --patient unknown
            """))

    @OptionGroup var global: GlobalOptions

    @Option(
        help: Help.argument(
            "Id or PC/SC name of the reader; else any with a card.",
            "Identifiant ou nom PC/SC du lecteur ; sinon tout lecteur qui a une carte."))
    var reader: ResourceID?

    @OptionGroup var token: WantedToken

    @Option(help: Help.argument("The situation of practice to work in.", "La situation d'exercice dans laquelle travailler."))
    var profile: ResourceID?

    @Option(
        help: Help.argument(
            "RPPS number or national identifier of the professional that the holder of a CPF works under.",
            "Numéro RPPS ou identifiant national du professionnel sous la responsabilité duquel travaille le porteur d'une CPF."))
    var supervisor: ResourceID?

    @OptionGroup var emergency: EmergencyWithLogin
    @OptionGroup var entry: PINEntryOptions
    @OptionGroup var prompt: PromptOptions

    func validate() throws {
        try token.check()
        try emergency.check()
        try prompt.check()
        if prompt.prompt, entry.pinStdin || entry.consent.acceptLastTry != nil {
            throw ValidationError("--prompt asks for the PIN and the consent itself")
        }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        if prompt.prompt {
            let dialogue = PromptDialogue(
                tool: tool, program: prompt.pinentry ?? Pinentry.standard, requester: prompt.requester?.text ?? PromptDialogue.parent,
                begin: { () throws(Problem) in try begun(tool) })
            try tool.show(opened: try dialogue.run())
            return .done
        }
        var dialogue = LoginDialogue(
            tool: tool, readsPIN: entry.pinStdin ? .standardInput : .terminal, login: try begun(tool),
            consent: entry.consent.acceptLastTry?.text)
        let opened = try ProfileDialogue(tool: tool, isTalking: dialogue.isTalking).settled(try dialogue.run(), token: token.members)
        try tool.show(opened: opened)
        return .done
    }

    /// The login to go on with: a consent names the login whose answer held it, before a dot, and that one may still be open.
    private func begun(_ tool: Tool) throws(Problem) -> JSON {
        if let id = entry.consent.acceptLastTry?.text.consentedAttempt {
            let earlier = try? tool.client.send(AgentRequest(.get, ["logins", id])).json()
            if let earlier, earlier["state"]?.string == "awaiting_pin" { return earlier }
        }
        let wishes = ["reader": reader?.text, "profile": profile?.text, "supervisor": supervisor?.text]
        let members = token.members.merging(wishes.compactMapValues { $0.map(JSON.string) }) { first, _ in first }
        let body = JSON.object(members.merging(emergency.members) { first, _ in first })
        return try tool.client.send(AgentRequest(.post, ["logins"], body: .json(body))).json()
    }
}

/// An emergency that is declared with a login, whichever way somebody comes in.
struct EmergencyWithLogin: ParsableArguments {
    @Option(
        help: Help.argument(
            "Declare an emergency with the login, for this reason; works with the disk full.",
            "Déclarer un bris de glace avec la connexion, pour ce motif ; possible même disque plein."))
    var breakGlass: String?

    @Option(help: Help.argument("Reference of its patient, or `unknown`.", "Référence de son patient, ou `unknown`."))
    var patient: String?

    func check() throws {
        if (breakGlass == nil) != (patient == nil) { throw ValidationError("--break-glass and --patient need each other") }
    }

    /// Empty without one.
    var members: [String: JSON] {
        guard let breakGlass, let patient else { return [:] }
        return ["break_glass": ["reason": .string(breakGlass), "patient": .string(patient)]]
    }
}

/// A PIN that is asked for by a window.
struct PromptOptions: ParsableArguments {
    @Flag(
        help: Help.argument(
            "Have pinentry ask for the PIN: for programs without a terminal.",
            "Faire demander le code par pinentry : pour les programmes sans terminal."))
    var prompt = false

    @Option(
        name: .customLong("for"),
        help: Help.argument(
            "With --prompt: who wants the login, as the person is told; else the program that runs this one.",
            "Avec --prompt : qui veut la connexion, tel qu'on le dit à la personne ; sinon le programme appelant."))
    var requester: RequesterName?

    @Option(
        help: Help.argument(
            "With --prompt: the pinentry to use instead of the one of the system.",
            "Avec --prompt : le pinentry à utiliser à la place de celui du système."))
    var pinentry: String?

    func check() throws {
        if !prompt, requester != nil || pinentry != nil { throw ValidationError("--for and --pinentry need --prompt") }
    }
}

/// A name that fits on one line.
struct RequesterName: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard argument.isOneLine, argument.utf8.count <= 64 else { return nil }
        text = argument
    }
}
