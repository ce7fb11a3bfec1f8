import APIContract
import AgentClient
import ArgumentParser
import ConfigurationFile
import Habilitation
import Primitives

struct HabilitationVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "habilitation",
        abstract: Help.text("The matrix of rights: who may do what.", "La matrice d'habilitation : qui peut faire quoi."),
        subcommands: [HabilitationPrintVerb.self, HabilitationCheckVerb.self, HabilitationExplainVerb.self])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl habilitation" }
}

struct HabilitationCheckVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: Help.text(
            "Check a matrix and make its sample decisions, without loading it.",
            "Vérifier une matrice et rendre ses décisions d'exemple, sans la charger."),
        discussion: Help.text(
            """
            Works without the agent. Without FILE: whether the file that the agent was given is in force.

            Examples:

              cpsctl habilitation check new.yaml    try a file before it is put in its place
              cpsctl habilitation check             has the agent taken in its file

            Exit code 8 when there is a problem; each is told with its line.
            """,
            """
            Se passe de l'agent. Sans FILE : si le fichier donné à l'agent est bien en vigueur.

            Exemples :

              cpsctl habilitation check new.yaml    essayer un fichier avant de le mettre en place
              cpsctl habilitation check             l'agent a-t-il bien pris son fichier

            Code de sortie 8 s'il y a un problème ; chacun est donné avec sa ligne.
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp(Help.text("The file to check.", "Le fichier à vérifier."), valueName: "FILE"), completion: .file())
    var file: ResourceID?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let document: JSON
        if let file {
            do throws(ConfigurationError) {
                document = try HabilitationMatrix(bytes: try MatrixFile.bytes(file.text)).json
            } catch {
                throw Self.problem(error.json(), error.problems.map(Self.sentence), file.text, tool)
            }
        } else {
            document = try tool.get("habilitation")
            if let refused = document["refused"], refused != .null {
                let problems = refused["problems"] ?? []
                throw Self.problem(problems, (problems.array ?? []).map(Self.sentence), document.text("file"), tool)
            }
        }
        try tool.output.show(document) { [HabilitationSentence.sound(document).in(tool.output.language)] }
        return .done
    }

    private static func problem(_ problems: JSON, _ sentences: [Text], _ file: String, _ tool: Tool) -> Problem {
        let detail = Text(
            sentences.map(\.french).joined(separator: "\n  "), sentences.map(\.english).joined(separator: "\n  "))
        return tool.output.problem(.habilitationInvalid, detail, ["file": .string(file), "problems": problems])
    }

    private static func sentence(_ problem: ConfigurationError.Problem) -> Text {
        if case .line(let line) = problem.place { return sentence(line: Int64(line), problem.key, problem.text) }
        return sentence(line: nil, problem.key, problem.text)
    }

    /// As the agent tells it, in the language that it was asked in.
    private static func sentence(_ problem: JSON) -> Text {
        sentence(line: problem["line"]?.int, problem["key"]?.string ?? "", Text(problem.text("reason")))
    }

    private static func sentence(line: Int64?, _ key: String, _ text: Text) -> Text {
        let named = key.isEmpty ? text : text.of(key)
        return line.map { named.of(Text("ligne \($0)", "line \($0)")) } ?? named
    }
}

struct HabilitationExplainVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: Help.text(
            "Say by which rules rights are granted or denied.", "Dire par quelles règles des droits sont accordés ou refusés."),
        discussion: Help.text(
            """
            For a session (without any option: the only one), or for somebody described by options.

            Examples:

              cpsctl habilitation explain --scope record:validate         why I may not sign off
              cpsctl habilitation explain --profession 60 --mode mobile   what a nurse may do on the round
            """,
            """
            Pour une session (sans option : la seule qu'il y a), ou pour quelqu'un que les options décrivent.

            Exemples :

              cpsctl habilitation explain --scope record:validate         pourquoi je ne peux pas valider
              cpsctl habilitation explain --profession 60 --mode mobile   ce que peut un infirmier en tournée
            """))

    @OptionGroup var global: GlobalOptions

    @Option(help: Help.argument("Id of the session.", "Identifiant de la session."))
    var session: ResourceID?

    @Option(help: Help.argument("Asked about this scope; may be repeated.", "Question sur ce droit ; répétable."))
    var scope: [ResourceID] = []

    @Option(
        help: Help.argument("National identifier, for the roles of that person.", "Identifiant national, pour les rôles de la personne."))
    var person: ResourceID?

    @Option(
        help: Help.argument("Role: administration, review, audit; may be repeated.", "Rôle, répétable : administration, review, audit."))
    var role: [ResourceID] = []

    @Option(help: Help.argument("Code of the profession (table G15).", "Code de la profession (table G15)."))
    var profession: ResourceID?

    @Option(help: Help.argument("Code of a profession in training (table G16).", "Code d'une profession en formation (table G16)."))
    var training: ResourceID?

    @Option(help: Help.argument("Code of know-how (table R01); may be repeated.", "Code de savoir-faire (table R01) ; répétable."))
    var knowHow: [ResourceID] = []

    @Option(help: Help.argument("Card family: CPS, CPF, CPE, CDE, CPA, CDA.", "Famille de carte : CPS, CPF, CPE, CDE, CPA, CDA."))
    var family: ResourceID?

    @Option(help: Help.argument("Code of the sector (table R02).", "Code du secteur d'activité (table R02)."))
    var sector: ResourceID?

    @Option(help: Help.argument("Identifier of the structure.", "Identifiant de la structure."))
    var structure: ResourceID?

    @Option(help: Help.argument("Id of the situation of practice.", "Identifiant de la situation d'exercice."))
    var profile: ResourceID?

    @Option(help: Help.argument("Mode: card, unchecked, mobile, degraded.", "Mode d'accès : card, unchecked, mobile, degraded."))
    var mode: ResourceID?

    @Flag(help: Help.argument("In a declared emergency.", "En bris de glace déclaré."))
    var breakGlass = false

    @Option(help: Help.argument("Name of the program's entry in clients.", "Nom de l'entrée du programme dans clients."))
    var client: ResourceID?

    @Option(help: Help.argument("Name of the workstation.", "Nom du poste de travail."))
    var workstation: ResourceID?

    /// What describes somebody; empty where a session is meant.
    private var facts: [String: JSON] {
        var facts: [String: JSON] = [:]
        for (fact, value) in [
            ("person", person), ("profession", profession), ("training", training), ("family", family), ("sector", sector),
            ("structure", structure), ("profile", profile), ("mode", mode), ("workstation", workstation),
        ] {
            facts[fact] = value.map { .string($0.text) }
        }
        for (fact, values) in [("role", role), ("know_how", knowHow)] where !values.isEmpty {
            facts[fact] = .array(values.map { .string($0.text) })
        }
        if breakGlass { facts["break_glass"] = true }
        return facts
    }

    func validate() throws {
        if session != nil, !facts.isEmpty { throw ValidationError("--session needs no other facts") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        var asked = facts
        if asked.isEmpty { asked["session"] = .string(try tool.session(session)) }
        asked["client"] = client.map { .string($0.text) }
        if !scope.isEmpty { asked["scopes"] = .array(scope.map { .string($0.text) }) }
        let answer = try tool.client.send(AgentRequest(.post, ["habilitation", "explanations"], body: .json(.object(asked)))).json()
        try tool.output.show(answer) { HabilitationSentence.lines(answer, tool.output.language) }
        return .done
    }
}
