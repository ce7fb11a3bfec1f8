import Audit
import Primitives

/// Traces as lines of a table (RFC 4180): comma, quotes doubled, CRLF.
///
/// A cell that a spreadsheet would take for a formula gets an apostrophe before it; so whoever reads the file by program takes one
/// apostrophe from the beginning of a cell.
package enum TraceCSV {
    private static let columns: [(name: String, path: [String])] = [
        ("seq", ["seq"]), ("time", ["time"]), ("event", ["event"]), ("outcome", ["outcome"]), ("code", ["code"]),
        ("workstation", ["workstation"]), ("client", ["client", "name"]), ("uid", ["client", "uid"]),
        ("person", ["actor", "national_id"]), ("name", ["actor", "name"]), ("profession", ["actor", "profession"]),
        ("profile", ["actor", "profile"]), ("structure", ["actor", "structure_id"]), ("reader", ["reader", "name"]),
        ("card", ["card", "serial"]), ("session", ["session"]), ("mode", ["mode"]), ("patient", ["patient"]), ("reason", ["reason"]),
        ("count", ["count"]), ("detail", ["detail"]),
    ]

    package static var header: [UInt8] { line(columns.map(\.name)) }

    package static func line(_ record: TraceRecord) -> [UInt8] {
        let cells = columns.map { column in
            switch column.path.reduce(record.members as JSON?, { $0?[$1] }) {
            case nil, .null?: ""
            case .string(let text)?: guarded(text)
            case let other?: String(decoding: other.canonical, as: UTF8.self)
            }
        }
        return line(cells)
    }

    private static func guarded(_ text: String) -> String {
        guard let first = text.unicodeScalars.first(where: { $0 != " " }) else { return text }
        return ["=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠"].contains(first) ? "'\(text)" : text
    }

    private static func line(_ cells: [String]) -> [UInt8] {
        Array((cells.map(quoted).joined(separator: ",") + "\r\n").utf8)
    }

    private static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
        return "\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
    }
}
