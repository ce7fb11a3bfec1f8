import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct AuditListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Help.text(
            "List traces, oldest first; those of one's own session, or all for who may read all.",
            "Lister les traces, de la plus ancienne ; celles de sa session, ou toutes pour qui peut tout lire."))

    @OptionGroup var global: GlobalOptions

    @Option(help: Help.argument("Sequence of the first trace.", "Numéro de la première trace."))
    var from: UInt64 = 0

    @Option(help: Help.argument("How many traces at most.", "Nombre de traces au plus."))
    var limit: UInt64 = 100

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        var isEmpty = true
        try TracePages(tool: tool).read(from: from, count: limit) { _, leaf throws(Problem) in
            isEmpty = false
            if tool.output.isJSON { try tool.output.raw(leaf) } else { try tool.output.line(Self.line(leaf)) }
        }
        if isEmpty, !tool.output.isJSON { tool.output.tell(Sentence.noTrace) }
        return .done
    }

    private static func line(_ leaf: [UInt8]) -> String {
        guard let trace = JSON(parsing: leaf) else { return String(decoding: leaf, as: UTF8.self) }
        let facts = [trace["code"]?.string, trace["actor"]?["name"]?.string, trace["reason"]?.string].compactMap { $0 }
        return ([trace.text("seq"), trace.text("time"), trace.text("event"), trace.text("outcome")] + facts).joined(separator: "  ")
    }
}
