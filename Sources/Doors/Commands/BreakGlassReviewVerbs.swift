import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct BreakGlassListVerb: Verb {
    enum State: String, CaseIterable, ExpressibleByArgument {
        case active, reviewed
        case toReview = "to_review"
    }

    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Help.text(
            "List emergencies: one's own, or all of them for who reviews.", "Lister les accès : les siens, ou tous pour qui revoit."),
        discussion: Help.text(
            """
              cpsctl break-glass list --state to_review    what is to be reviewed
              cpsctl break-glass list --overdue            what is late
            """,
            """
              cpsctl break-glass list --state to_review    ce qui est à revoir
              cpsctl break-glass list --overdue            ce qui est en retard
            """))

    @OptionGroup var global: GlobalOptions

    @Option(help: Help.argument("Those in this state alone.", "Ceux de cet état seulement."))
    var state: State?

    @Option(help: Help.argument("Those of this person (national identifier).", "Ceux de cette personne (identifiant national)."))
    var person: ResourceID?

    @Flag(help: Help.argument("Those alone that were not reviewed in time.", "Ceux qui n'ont pas été revus à temps."))
    var overdue = false

    @Option(help: Help.argument("Go on after this id.", "Continuer après cet identifiant."))
    var after: ResourceID?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        var query: [(String, String)] = []
        if let state { query.append(("state", state.rawValue)) }
        if let person { query.append(("person", person.text)) }
        if overdue { query.append(("overdue", "true")) }
        if let after { query.append(("after", after.text)) }
        let answer = try tool.get("break-glass", query: query)
        let language = tool.output.language
        try tool.output.show(answer) {
            let found = answer["break_glass"]?.array ?? []
            guard !found.isEmpty else { return [EmergencySentence.none.in(language)] }
            let rows = found.map { emergency in
                [
                    emergency.text("id"), emergency.text("declared_at"), emergency["person"]?.text("name") ?? "-",
                    emergency.words("reason", language, ReasonSentence.any),
                    emergency.words("patient", language, EmergencySentence.patient),
                    EmergencySentence.state(emergency).in(language),
                ]
            }
            let more = answer["next"]?.string.map { [EmergencySentence.more($0).in(language)] } ?? []
            return Table.lines([EmergencySentence.columns.map { $0.in(language) }] + rows) + more
        }
        return .done
    }
}

struct BreakGlassShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: Help.text("Show an emergency.", "Montrer un accès en urgence."),
        discussion: Help.text("  cpsctl break-glass show ID", "  cpsctl break-glass show ACCÈS"))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Id of the emergency.", "Identifiant de l'accès."))
    var id: ResourceID

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let answer = try tool.get("break-glass", id.text)
        try tool.output.show(answer) { answer.emergencyLines(tool.output.language) }
        return .done
    }
}

struct BreakGlassReviewVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: Help.text(
            "Review emergencies that are over, in a session with one's card.",
            "Revoir des accès terminés, dans une session ouverte par sa carte."),
        discussion: Help.text(
            """
            Needs the right emergency:review. Nobody reviews what they declared, or a way in that they made possible. Several ids are
            reviewed together, all or none.

              cpsctl break-glass review ID --accepted --comment "checked with the ward"
              cpsctl break-glass review ID1 ID2 --questioned --comment "patient not in the ward that day"
            """,
            """
            Il faut le droit emergency:review. Nul ne revoit ce qu'il a déclaré, ni un accès qu'il a rendu possible. Plusieurs
            identifiants sont revus ensemble, tous ou aucun.

              cpsctl break-glass review ACCÈS --accepted --comment "vu avec le service"
              cpsctl break-glass review ACCÈS1 ACCÈS2 --questioned --comment "patient absent du service ce jour-là"
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Ids of the emergencies.", "Identifiants des accès."))
    var ids: [String]

    @Flag(help: Help.argument("Nothing to object to.", "Rien à redire."))
    var accepted = false

    @Flag(help: Help.argument("To be looked into.", "À approfondir."))
    var questioned = false

    @Option(help: Help.argument("What was found, on one line.", "Ce qui a été constaté, sur une ligne."))
    var comment: String

    @Option(help: Help.argument("Id of one's session; else the only one.", "Identifiant de sa session ; sinon la seule."))
    var session: ResourceID?

    func validate() throws {
        guard accepted != questioned else { throw ValidationError("one of --accepted and --questioned is needed") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let body: JSON = [
            "session": .string(try tool.session(session)), "ids": .array(ids.map(JSON.string)), "comment": .string(comment),
            "outcome": accepted ? "accepted" : "questioned",
        ]
        let answer = try tool.client.send(AgentRequest(.post, ["break-glass", "reviews"], body: .json(body))).json()
        try tool.output.show(answer) {
            (answer["break_glass"]?.array ?? []).map { EmergencySentence.reviewed($0.text("id")).in(tool.output.language) }
        }
        return .done
    }
}
