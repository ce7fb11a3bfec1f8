import Audit
package import AuditForms
import Primitives

/// A trace as an entry of the systemd journal, in its native protocol.
package enum JournalEntry {
    /// One datagram: `NAME=value` lines; a value of several lines, or any whose bytes may be, with its length instead.
    package static func bytes(_ record: TraceRecord, leaf: [UInt8]) -> [UInt8] {
        let message = (["\(record.event): \(record.outcome.rawValue)"] + record.summary).joined(separator: ", ")
        var bytes: [UInt8] = []
        let fields: [(String, String?)] = [
            ("MESSAGE", message), ("PRIORITY", record.outcome == .failed ? "4" : record.outcome == .refused ? "5" : "6"),
            ("SYSLOG_IDENTIFIER", "cps-agent"), ("SYSLOG_FACILITY", "10"), ("CPS_SEQ", String(record.seq)), ("CPS_EVENT", record.event),
            ("CPS_OUTCOME", record.outcome.rawValue), ("CPS_TIME", record.time.description), ("CPS_LEAF_HASH", record.hash.description),
            ("CPS_PERSON", record.person), ("CPS_SESSION", record.session),
        ]
        for (name, value) in fields { if let value { append(name, Array(value.utf8), to: &bytes) } }
        append("CPS_TRACE", leaf, to: &bytes)
        return bytes
    }

    private static func append(_ name: String, _ value: [UInt8], to bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes.append(0x0A)
        withUnsafeBytes(of: UInt64(value.count).littleEndian) { bytes += $0 }
        bytes += value
        bytes.append(0x0A)
    }
}
