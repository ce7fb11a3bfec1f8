import Audit
package import AuditForms
import Primitives

/// A trace as an entry of the systemd journal, in its native protocol.
package enum JournalEntry {
    /// One datagram.
    package static func bytes(_ record: TraceRecord, leaf: [UInt8]) -> [UInt8] {
        let message = (["\(record.event): \(record.outcome.rawValue)"] + record.summary).joined(separator: ", ")
        var entry = JournalMessage()
        let fields: [(String, String?)] = [
            ("MESSAGE", message), ("PRIORITY", record.outcome == .failed ? "4" : record.outcome == .refused ? "5" : "6"),
            ("SYSLOG_IDENTIFIER", "cps-agent"), ("SYSLOG_FACILITY", "10"), ("CPS_SEQ", String(record.seq)), ("CPS_EVENT", record.event),
            ("CPS_OUTCOME", record.outcome.rawValue), ("CPS_TIME", record.time.description), ("CPS_LEAF_HASH", record.hash.description),
            ("CPS_PERSON", record.person), ("CPS_SESSION", record.session),
        ]
        for (name, value) in fields { if let value { entry.add(name, value) } }
        entry.add("CPS_TRACE", leaf)
        return entry.bytes
    }
}
