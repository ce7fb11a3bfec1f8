import APIContract
import ArgumentParser
import Audit
import AuditForms
import Glibc
import Primitives

/// Forms of traces that other programs read.
enum TraceForm: String, CaseIterable, ExpressibleByArgument {
    case csv, fhir, atna

    /// The file in a folder that is asked for.
    var file: String {
        switch self {
        case .csv: "traces.csv"
        case .fhir: "audit-events.ndjson"
        case .atna: "audit-messages.xml"
        }
    }

    var head: [UInt8] { self == .csv ? TraceCSV.header : [] }

    /// Whole lines.
    func lines(_ record: TraceRecord) -> [UInt8] {
        switch self {
        case .csv: TraceCSV.line(record)
        case .fhir: TraceFHIR.resources(record).flatMap { $0.canonical + [0x0A] }
        case .atna: TraceATNA.messages(record).flatMap { $0 + [0x0A] }
        }
    }
}

/// Writes traces in a form, to a folder or to standard output, one page after the other.
struct TraceFormExport {
    let form: TraceForm
    let from: UInt64?
    let to: UInt64?
    let filter: [(String, String)]
    let tool: Tool

    func write(to folder: String?) throws(Problem) {
        guard let folder else {
            let console = tool.console
            _ = try each { bytes throws(Problem) in
                do throws(ConsoleFailure) {
                    try console.out(bytes)
                } catch {
                    throw tool.output.problem(.internalError, error.reason.of(.standardOutput))
                }
            }
            return
        }
        let path = "\(folder)/\(form.file)"
        if mkdir(folder, 0o700) != 0 {
            let error = FileError(folder)
            guard error.number == EEXIST else { throw unwritten(error) }
        }
        let file = try created(path)
        let count = try each { bytes throws(Problem) in
            do throws(FileError) { try file.write(bytes) } catch { throw unwritten(error) }
        }
        do throws(FileError) { try file.synchronize() } catch { throw unwritten(error) }
        let document: JSON = ["file": .string(path), "form": .string(form.rawValue), "count": .int(Int64(clamping: count))]
        try tool.output.show(document) { [Sentence.formed(count, path).in(tool.output.language)] }
    }

    private func created(_ path: String) throws(Problem) -> PlainFile {
        do throws(FileError) { return try PlainFile.creating(path) } catch { throw unwritten(error) }
    }

    /// - Parameter take: is given whole lines.
    /// - Returns: how many traces there were.
    private func each(_ take: ([UInt8]) throws(Problem) -> Void) throws(Problem) -> UInt64 {
        var count: UInt64 = 0
        var isOver = false
        let pages = TracePages(tool: tool, filter: filter + [("form", form.rawValue)])
        try take(form.head)
        // The traces of the reading itself would never end.
        let last = if let to { to } else { try newest() }
        var next = from
        while !isOver {
            next = try pages.read(from: next, count: 1000) { sequence, leaf throws(Problem) in
                guard !isOver, let last, sequence <= last else { return isOver = true }
                guard let record = TraceRecord(leaf: leaf) else {
                    throw tool.output.problem(
                        .internalError, Text("la trace \(sequence) est illisible", "trace \(sequence) cannot be read"))
                }
                count += 1
                try take(form.lines(record))
            }
            guard let further = next, let last, further <= last else { return count }
        }
        return count
    }

    /// The newest trace that may be read; `nil` when there is none.
    private func newest() throws(Problem) -> UInt64? {
        var found: UInt64?
        try TracePages(tool: tool, filter: filter, isNewestFirst: true).read(from: nil, count: 1) { sequence, _ throws(Problem) in
            found = sequence
        }
        return found
    }

    private func unwritten(_ error: FileError) -> Problem { tool.output.unwritten(.file(error), folder: error.path) }
}
