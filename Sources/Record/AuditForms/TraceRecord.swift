package import Audit
import FoundationEssentials
package import Primitives

/// A trace as read back from its bytes, for the forms that others understand.
package struct TraceRecord: Hashable, Sendable {
    package let seq: UInt64
    package let time: Timestamp
    /// A name of `Docs/Audit.md`; not an enumeration, since a newer agent may have written it.
    package let event: String
    package let outcome: TraceOutcome
    package let workstation: String
    /// The hash of the leaf, which finds the trace again in the log.
    package let hash: MerkleHash
    let members: JSON

    /// `nil` for bytes that are no trace.
    package init?(leaf: [UInt8]) {
        guard let json = try? JSONDecoder().decode(JSON.self, from: Data(leaf)),
            let seq = json["seq"]?.int.flatMap({ UInt64(exactly: $0) }),
            let time = json["time"]?.string.flatMap({ Timestamp($0) }), let event = json["event"]?.string,
            let outcome = json["outcome"]?.string.flatMap({ TraceOutcome(rawValue: $0) })
        else { return nil }
        self.seq = seq
        self.time = time
        self.event = event
        self.outcome = outcome
        workstation = json["workstation"]?.string ?? "unknown"
        hash = .leaf(leaf)
        members = json
    }

    func text(_ path: String...) -> String? {
        switch path.reduce(members as JSON?, { $0?[$1] }) {
        case .string(let text)?: text
        case .int(let number)?: String(number)
        case .bool(let value)?: String(value)
        case nil, .null?: nil
        case let other?: String(decoding: other.canonical, as: UTF8.self)
        }
    }

    /// What stands before the dot of the event.
    var family: String { String(event.prefix { $0 != "." }) }

    var isDegraded: Bool { text("mode") == "degraded" }

    /// The national identifier of the person.
    package var person: String? { text("actor", "national_id") }

    package var session: String? { text("session") }

    /// Code, person and reason, as far as there are any.
    package var summary: [String] { [text("code"), text("actor", "name"), text("reason")].compactMap { $0 } }

    /// Everything the standard forms have no place for, by name. The evidence of a login is not handed on: it is long, and of use only with
    /// its proof.
    var facts: [(name: String, value: String)] {
        let names = ["code", "reason", "mode", "count", "detail", "reader"]
        return names.compactMap { name in text(name).map { (name, $0) } }
    }
}
