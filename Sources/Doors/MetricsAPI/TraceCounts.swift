package import Audit
internal import Synchronization

/// Counts what was decided, from the traces that are on the disk: nothing is counted that did not happen.
package final class TraceCounts: Sendable {
    private struct Key: Hashable, Comparable {
        let metric: Metric
        let labels: [String]

        static func < (one: Key, other: Key) -> Bool { one.labels.lexicographicallyPrecedes(other.labels) }
    }

    private let counts = Mutex<[Key: Int]>([:])

    package init() {}

    /// Takes in traces that were written.
    package func count(_ traces: [TraceDraft]) {
        let keys = traces.flatMap { trace in Self.keys(trace) }
        counts.withLock { counts in for (key, amount) in keys { counts[key, default: 0] += amount } }
    }

    package func add(to exposition: inout Exposition) {
        for (key, count) in counts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            exposition.add(key.metric, key.labels, count: count)
        }
    }

    private static func keys(_ trace: TraceDraft) -> [(Key, Int)] {
        let written = (Key(metric: .traces, labels: [trace.event.rawValue, trace.outcome.rawValue]), 1)
        // A trace may stand for several refusals of the same kind.
        return [written] + meaning(trace).map { ($0, max(1, trace.count ?? 1)) }
    }

    private static func meaning(_ trace: TraceDraft) -> [Key] {
        let (mode, code) = (trace.mode ?? "", trace.code ?? "")
        switch trace.event {
        case .sessionOpened: return [Key(metric: .logins, labels: [mode, "granted", ""])]
        case .loginRefused: return [Key(metric: .logins, labels: [mode, "refused", code])]
        case .loginFailed: return [Key(metric: .logins, labels: [mode, "failed", code])]
        case .loginCancelled: return [Key(metric: .logins, labels: [mode, "cancelled", code])]
        case .loginExpired: return [Key(metric: .logins, labels: [mode, "expired", code])]
        case .pinRefused, .pinBlocked: return [Key(metric: .pinRefusals, labels: [code])]
        case .tokenIssued: return [Key(metric: .tokensIssued, labels: [mode])]
        default: return []
        }
    }
}
