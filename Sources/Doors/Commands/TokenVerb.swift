import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct TokenVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: Help.text("Get an access token from a session.", "Obtenir un jeton d'accès d'une session."))

    @OptionGroup var global: GlobalOptions

    @Option(help: Help.argument("Id of the session; else the only one.", "Identifiant de la session ; sinon la seule qu'il y a."))
    var session: ResourceID?

    @Option(help: Help.argument("The service that the token is for.", "Le service auquel le jeton est destiné."))
    var audience: ResourceID

    @Option(
        name: .customLong("scope"),
        help: Help.argument(
            "A right to ask for; may be repeated. Without it, all that the session has.",
            "Un droit à demander ; peut être répété. Sans lui, tous ceux de la session."))
    var scopes: [String] = []

    @Option(help: Help.argument("Life to ask for: seconds, or 30s, 15m.", "Durée à demander : en secondes, ou 30s, 15m."))
    var ttl: Seconds?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let body = JSON.members([
            "audience": .string(audience.text), "scopes": scopes.isEmpty ? nil : .array(scopes.map(JSON.string)),
            "ttl": ttl.map { .int($0.count) },
        ])
        let request = AgentRequest(.post, ["sessions", try tool.session(session), "tokens"], body: .json(body))
        let answer = try tool.client.send(request).json()
        try tool.output.show(answer) { [answer.text("access_token")] }
        return .done
    }
}
