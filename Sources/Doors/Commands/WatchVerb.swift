import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct WatchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: Help.text(
            "Follow what happens, one event a line, until interrupted.",
            "Suivre ce qui se passe, un événement par ligne, jusqu'à interruption."))

    @OptionGroup var global: GlobalOptions

    @Option(
        name: .customLong("after"),
        help: Help.argument(
            "Id of the last event heard before: what came after it is told again.",
            "Identifiant du dernier événement entendu : ce qui a suivi est redit."))
    var last: UInt64?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        var events = try tool.client.events(after: last)
        while let event = try events.next() {
            if tool.output.isJSON {
                let document = JSON.members([
                    "event": .string(event.kind), "id": event.id.map { .int(Int64(clamping: $0)) }, "data": event.data,
                ])
                try tool.output.raw(document.canonical)
            } else {
                let texts = [WatchSentence.kind(event.kind)] + WatchSentence.facts(event)
                let words = texts.map { $0.in(tool.output.language) }
                try tool.output.line(([tool.time.now().description] + words).joined(separator: "  "))
            }
        }
        throw tool.output.problem(.agentUnreachable, Text("l'agent a clos le flux d'événements", "the agent ended the stream of events"))
    }
}
