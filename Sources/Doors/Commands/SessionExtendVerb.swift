import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct SessionExtendVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: Help.text(
            "Let a session without the card last longer, counted from now.",
            "Prolonger une session ouverte sans la carte, à compter de maintenant."),
        discussion: Help.text(
            "Example: cpsctl session extend --for 30m", "Exemple : cpsctl session extend --for 30m"))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Id of the session; else the only one.", "Identifiant de la session ; sinon la seule qu'il y a."))
    var id: ResourceID?

    @Option(
        name: .customLong("for"),
        help: Help.argument("How long: 1800, 30m; else as long as at its opening.", "Durée : 1800, 30m ; sinon comme à l'ouverture."))
    var time: Seconds?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let body = JSON.members(["seconds": time.map { .int($0.count) }])
        let route = ["sessions", try tool.session(id), "extension"]
        let session = try tool.client.send(AgentRequest(.post, route, body: .json(body))).json()
        try tool.output.show(session) { session.sessionLines(tool.output.language) }
        return .done
    }
}
