import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct TokenVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "token", abstract: "Get an access token from a session.")

    @OptionGroup var global: GlobalOptions

    @Option(help: "Id of the session; else the only one.")
    var session: ResourceID?

    @Option(help: "The service that the token is for.")
    var audience: ResourceID

    @Option(name: .customLong("scope"), help: "A right to ask for; may be repeated. Without it, all that the session has.")
    var scopes: [String] = []

    @Option(help: "Life to ask for: seconds, or 30s, 15m.")
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
