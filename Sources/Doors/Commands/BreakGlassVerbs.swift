import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct BreakGlassVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "break-glass",
        abstract: Help.text(
            "Declare emergencies, see and review them.", "Déclarer des accès en urgence (bris de glace), les voir et les revoir."),
        discussion: Help.text(
            """
            A declared emergency widens what the person may do with this program, for a short time. People are told of it, and
            somebody else reviews it afterwards.

            Examples:

              cpsctl break-glass declare vital_emergency --patient unknown
              cpsctl break-glass extend ID            half an hour more
              cpsctl break-glass close ID
              cpsctl break-glass list --state to_review
              cpsctl break-glass review ID --accepted --comment "checked with the ward"
              cpsctl break-glass report ID --out report.txt
            """,
            """
            Un bris de glace étend ce que la personne peut faire avec ce logiciel, pour peu de temps. Les responsables en sont avertis
            et quelqu'un d'autre le revoit ensuite.

            Exemples :

              cpsctl break-glass declare patient_unable --patient unknown
              cpsctl break-glass extend ACCÈS            une demi-heure de plus
              cpsctl break-glass close ACCÈS
              cpsctl break-glass list --overdue
              cpsctl break-glass review ACCÈS --accepted --comment "vu avec le service"
              cpsctl break-glass report ACCÈS --out rapport.txt
            """),
        subcommands: [
            BreakGlassDeclareVerb.self, BreakGlassCloseVerb.self, BreakGlassExtendVerb.self, BreakGlassListVerb.self,
            BreakGlassShowVerb.self, BreakGlassReviewVerb.self, BreakGlassReportVerb.self,
        ])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl break-glass" }
}

struct BreakGlassDeclareVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "declare",
        abstract: Help.text("Declare an emergency in a session.", "Déclarer un accès en urgence dans une session."),
        discussion: Help.text(
            """
            The reason is a code of break_glass.reasons. The patient is a reference as the records software writes it, or `unknown`.

              cpsctl break-glass declare vital_emergency --patient unknown
              cpsctl break-glass declare centre_15 --patient 1234567 --minutes 60 --note "call of 14:05"
            """,
            """
            Le motif est un code de break_glass.reasons. Le patient est une référence telle que le logiciel l'écrit, ou `unknown`.

              cpsctl break-glass declare patient_unable --patient unknown
              cpsctl break-glass declare centre_15 --patient 7654321 --minutes 45 --note "appel de 14 h"
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Code of the reason.", "Code du motif."))
    var reason: String

    @Option(help: Help.argument("Reference of the patient, or `unknown`.", "Référence du patient, ou `unknown`."))
    var patient: String

    @Option(help: Help.argument("What there is to say; may follow until the review.", "Précisions ; peuvent suivre jusqu'à la revue."))
    var note: String?

    @Option(help: Help.argument("How long, in minutes.", "Durée, en minutes."))
    var minutes: Int64?

    @Option(help: Help.argument("Id of the session; else the only one.", "Identifiant de la session ; sinon la seule qu'il y a."))
    var session: ResourceID?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let body = JSON.members([
            "session": .string(try tool.session(session)), "reason": .string(reason), "patient": .string(patient),
            "note": note.map(JSON.string), "minutes": minutes.map(JSON.int),
        ])
        let answer = try tool.client.send(AgentRequest(.post, ["break-glass"], body: .json(body))).json()
        try tool.output.show(answer) { answer.emergencyLines(tool.output.language) }
        return .done
    }
}

struct BreakGlassCloseVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: Help.text(
            "End an emergency; its tokens are inactive at once.", "Clore un accès en urgence ; ses jetons sont inactifs aussitôt."),
        discussion: Help.text("  cpsctl break-glass close ID", "  cpsctl break-glass close ACCÈS"))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Id of the emergency.", "Identifiant de l'accès."))
    var id: ResourceID

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        _ = try tool.client.send(AgentRequest(.delete, ["break-glass", id.text]))
        let answer = try tool.get("break-glass", id.text)
        try tool.output.show(answer) { answer.emergencyLines(tool.output.language) }
        return .done
    }
}

struct BreakGlassExtendVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: Help.text("Let an emergency last longer, from now on.", "Prolonger un accès en urgence, à partir de maintenant."),
        discussion: Help.text(
            "  cpsctl break-glass extend ID\n  cpsctl break-glass extend ID --minutes 60",
            "  cpsctl break-glass extend ACCÈS\n  cpsctl break-glass extend ACCÈS --minutes 60"))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Id of the emergency.", "Identifiant de l'accès."))
    var id: ResourceID

    @Option(help: Help.argument("How long, in minutes.", "Durée, en minutes."))
    var minutes: Int64?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let body = JSON.members(["minutes": minutes.map(JSON.int)])
        let answer = try tool.client.send(AgentRequest(.post, ["break-glass", id.text, "extension"], body: .json(body))).json()
        try tool.output.show(answer) { answer.emergencyLines(tool.output.language) }
        return .done
    }
}
