package import Primitives

/// Which traces somebody wants to read, and in which order; every member that is set has to match.
package struct TraceQuery: Hashable, Sendable {
    package enum Order: String, Hashable, Sendable, CaseIterable {
        case oldest, newest
    }

    /// An event, or a family of them as `login.*`.
    package enum Event: Hashable, Sendable {
        case one(TraceEvent)
        /// What stands before the dot.
        case family(String)

        /// `nil` for a text that names neither.
        package init?(_ text: String) {
            if let event = TraceEvent(rawValue: text) {
                self = .one(event)
            } else if text.hasSuffix(".*"), case let family = text.dropLast(2),
                TraceEvent.allCases.contains(where: { $0.rawValue.hasPrefix("\(family).") })
            {
                self = .family(String(family))
            } else {
                return nil
            }
        }

        package var text: String {
            switch self {
            case .one(let event): event.rawValue
            case .family(let family): "\(family).*"
            }
        }
    }

    /// Written at this time or later, by the wall clock of then.
    package var since: Timestamp?
    /// Written before this time.
    package var until: Timestamp?
    package var event: Event?
    package var outcome: TraceOutcome?
    /// A national identifier.
    package var person: String?
    /// The serial number of a card.
    package var card: String?
    package var session: String?
    package var workstation: String?
    package var patient: String?

    package var order = Order.oldest
    /// The first trace to look at; `nil` for the end where the order begins.
    package var from: UInt64?
    /// How many traces at most.
    package var limit: Int
    /// Whether a ``DroppedBody`` stands in for each trace whose body was dropped; oldest first and without a filter.
    package var includesDropped = false

    package init(limit: Int) { self.limit = limit }

    /// What was asked for, as the trace of the reading tells it.
    package var json: JSON {
        .members([
            "since": since.map { .string($0.description) }, "until": until.map { .string($0.description) },
            "event": event.map { .string($0.text) }, "outcome": outcome.map { .string($0.rawValue) }, "person": person.map(JSON.string),
            "card": card.map(JSON.string), "session": session.map(JSON.string), "workstation": workstation.map(JSON.string),
            "patient": patient.map(JSON.string), "order": order == .oldest ? nil : .string(order.rawValue),
            "from": from.map { .int(Int64(clamping: $0)) }, "limit": .int(Int64(limit)),
        ])
    }
}

/// Some of the traces that match a query.
package struct TracePage: Hashable, Sendable {
    /// The exact bytes of each, in the order asked for.
    package let leaves: [[UInt8]]
    /// Where to go on; `nil` when there is no more. A page may be empty and yet not the last.
    package let next: UInt64?

    package init(leaves: [[UInt8]], next: UInt64?) {
        self.leaves = leaves
        self.next = next
    }
}
