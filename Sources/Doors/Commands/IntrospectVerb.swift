import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct IntrospectVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "introspect",
        abstract: Help.text(
            "Ask whether a token is good now; the token is one line of standard input.",
            "Demander si un jeton est valable maintenant ; le jeton est une ligne de l'entrée standard."))

    @OptionGroup var global: GlobalOptions

    /// Longest token, in bytes.
    private static let longestToken = 16_384

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let line: Secret?
        do throws(ConsoleFailure) {
            line = try tool.console.secretLine(limit: Self.longestToken)
        } catch {
            throw tool.output.problem(.invalidRequest, error.reason.of(.standardInput))
        }
        guard let line, let token = line.withBytes({ String(validating: $0, as: UTF8.self) }), !token.isEmpty else {
            throw tool.output.problem(.invalidRequest, Text("l'entrée standard ne contient pas de jeton", "standard input holds no token"))
        }
        let answer = try tool.client.send(AgentRequest(.post, ["introspect"], body: .form([("token", token)]))).json()
        try tool.output.show(answer) { Self.lines(answer, tool.output.language) }
        return .done
    }

    private static func lines(_ answer: JSON, _ language: Language) -> [String] {
        guard case .object(let members) = answer else { return [] }
        let first = [Sentence.active.in(language), (answer["active"] == true ? Sentence.yes : Sentence.no).in(language)]
        return Table.lines([first] + members.filter { $0.key != "active" }.sorted { $0.key < $1.key }.map { [$0.key, $0.value.plain] })
    }
}
