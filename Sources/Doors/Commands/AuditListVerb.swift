import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct AuditListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Help.text(
            "List traces, oldest first; those about oneself, or all for who may read all.",
            "Lister les traces, de la plus ancienne ; celles qui vous concernent, ou toutes pour qui peut tout lire."),
        discussion: Help.text(
            """
            Examples:

              cpsctl audit list --newest --limit 20                          the last twenty
              cpsctl audit list --event login.refused --since 2026-01-01     who was not let in this year
              cpsctl --json audit list --person NATIONAL_ID --limit 100000   everything about somebody, one trace a line
            """,
            """
            Exemples :

              cpsctl audit list --newest --limit 20                          les vingt dernières
              cpsctl audit list --event login.refused --since 2026-01-01     qui n'a pas pu entrer cette année
              cpsctl --json audit list --person NATIONAL_ID --limit 100000   tout sur une personne, une trace par ligne
            """))

    @OptionGroup var global: GlobalOptions
    @OptionGroup var filter: TraceFilterOptions

    @Option(help: Help.argument("Sequence of the first trace to look at.", "Numéro de la première trace à regarder."))
    var from: UInt64?

    @Option(help: Help.argument("How many traces at most.", "Nombre de traces au plus."))
    var limit: UInt64 = 100

    @Flag(help: Help.argument("Newest first.", "De la plus récente à la plus ancienne."))
    var newest = false

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        var table = TraceTable(output: tool.output)
        let pages = TracePages(tool: tool, filter: filter.query, isNewestFirst: newest)
        let next = try pages.read(from: from, count: limit) { _, leaf throws(Problem) in
            if tool.output.isJSON { try tool.output.raw(leaf) } else { try table.add(leaf) }
        }
        if !tool.output.isJSON { try table.finish() }
        if let next { tool.output.tell(Sentence.tracesGoOn(next)) }
        return .done
    }
}

struct AuditShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: Help.text("Show one trace with all its members.", "Montrer une trace avec tous ses champs."))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Sequence of the trace.", "Numéro de la trace."))
    var sequence: UInt64

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        var found: [UInt8]?
        try TracePages(tool: tool).read(from: sequence, count: 1) { number, leaf throws(Problem) in
            if number == sequence { found = leaf }
        }
        guard let found, case .object(let members)? = JSON(parsing: found) else {
            throw tool.output.problem(
                .notFound, Text("aucune trace \(sequence) que vous puissiez lire", "there is no trace \(sequence) that you may read"))
        }
        if tool.output.isJSON {
            try tool.output.raw(found)
        } else {
            for line in Table.lines(members.sorted { $0.key < $1.key }.map { [$0.key, $0.value.plain] }) { try tool.output.line(line) }
        }
        return .done
    }
}

/// Prints traces for people: events and codes as filters and documents name them, the rest in words; some at a time so that any number of them can be printed.
private struct TraceTable {
    let output: Output
    private var rows: [[String]] = []
    private var isEmpty = true

    private static let rowsAtOnce = 500

    init(output: Output) { self.output = output }

    mutating func add(_ leaf: [UInt8]) throws(Problem) {
        guard let trace = JSON(parsing: leaf) else { return try output.line(String(decoding: leaf, as: UTF8.self)) }
        if isEmpty { rows.append(Sentence.traceColumns.map { $0.in(output.language) }) }
        isEmpty = false
        let person = trace["actor"]?["name"]?.string ?? trace["actor"]?["national_id"]?.string
        let reason = trace["reason"]?.string.map { ReasonSentence.any($0).in(output.language) }
        let facts = [trace["code"]?.string, reason, trace["count"]?.int.map { "×\($0)" }].compactMap { $0 }
        rows.append(
            [
                trace.text("seq"), trace.text("time"), trace.text("event"), trace.words("outcome", output.language, Sentence.outcome),
                person ?? "-",
            ]
                + [facts.isEmpty ? "-" : facts.joined(separator: ", ")])
        if rows.count >= Self.rowsAtOnce { try flush() }
    }

    mutating func finish() throws(Problem) {
        if isEmpty { output.tell(Sentence.noTrace) }
        try flush()
    }

    private mutating func flush() throws(Problem) {
        for line in Table.lines(rows) { try output.line(line) }
        rows.removeAll()
    }
}
