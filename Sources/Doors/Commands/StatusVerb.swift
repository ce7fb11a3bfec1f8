import APIContract
import ArgumentParser
import Primitives

struct StatusVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: Help.text("Show the state of the agent.", "Montrer l'état de l'agent."))

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let status = try tool.get("status")
        try tool.output.show(status) { Self.texts(status).map { $0.in(tool.output.language) } }
        return .done
    }

    private static func texts(_ status: JSON) -> [Text] {
        [
            Sentence.agent(status.text("version"), status.text("workstation"), status.text("health")),
            Sentence.trust(status.text("environment"), status.text("issuer")),
            Sentence.monitoring(status.text("monitoring"), status["readers"]?.array?.count ?? 0),
            Sentence.log(status["audit"]?["size"]?.int ?? 0),
            Sentence.revocation(status["revocation"]?.text("status") ?? "-"),
        ]
            + (status["audit"]?["forward"]?.array ?? []).map { target in
                Sentence.forward(target.text("name"), target.text("state"), target["backlog"]?.int ?? 0, target["detail"]?.string)
            } + (status["warnings"]?.array ?? []).map { Sentence.warning($0.plain) }
    }
}
