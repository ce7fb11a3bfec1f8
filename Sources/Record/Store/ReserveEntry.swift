internal import Audit
internal import Foundation
internal import Primitives

/// One decision in the reserve: traces with their final numbers, and what they change.
struct ReserveEntry: Hashable, Sendable {
    /// A leaf, and the columns it is found by.
    struct Trace: Hashable, Sendable {
        let leaf: [UInt8]
        let event: String
        let session: String?
        let actor: String?
    }

    let urgency: Urgency
    let traces: [Trace]
    let changes: [StoredChange]
}

extension ReserveEntry {
    var json: JSON {
        .members([
            "urgency": .string(urgency.name), "person": urgency.person.map(JSON.string),
            "traces": .array(
                traces.map { trace in
                    .members([
                        "leaf": .string(String(decoding: trace.leaf, as: UTF8.self)), "event": .string(trace.event),
                        "session": trace.session.map(JSON.string), "actor": trace.actor.map(JSON.string),
                    ])
                }),
            "changes": changes.isEmpty ? nil : .array(changes.map(\.json)),
        ])
    }

    /// `nil` for what is no entry.
    init?(_ json: JSON) {
        guard let urgency = Urgency(json["urgency"]?.string, person: json["person"]?.string), let traces = json["traces"]?.array else {
            return nil
        }
        let changes = json["changes"]?.array ?? []
        self.urgency = urgency
        self.traces = traces.compactMap { trace in
            guard let leaf = trace["leaf"]?.string, let event = trace["event"]?.string else { return nil }
            return Trace(leaf: Array(leaf.utf8), event: event, session: trace["session"]?.string, actor: trace["actor"]?.string)
        }
        self.changes = changes.compactMap { StoredChange($0) }
        guard self.traces.count == traces.count, self.changes.count == changes.count else { return nil }
    }
}

extension Urgency {
    fileprivate var name: String {
        switch self {
        case .ordinary: "ordinary"
        case .agent: "agent"
        case .ending: "ending"
        case .emergency: "emergency"
        }
    }

    var person: String? { if case .emergency(let person) = self { person } else { nil } }

    fileprivate init?(_ name: String?, person: String?) {
        switch name {
        case "agent": self = .agent
        case "ending": self = .ending
        case "emergency":
            guard let person else { return nil }
            self = .emergency(person: person)
        default: return nil
        }
    }
}
