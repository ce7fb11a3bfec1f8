package import Audit
internal import GRDB
package import Primitives
package import Sessions

/// Drops bodies from the log on SQLite; what is not yet handed on stays.
package struct StoreRetention: RetentionKeeping {
    private let log: TraceLog
    private let targets: [String]

    /// - Parameter targets: names of those that the log is handed on to.
    package init(_ log: TraceLog, targets: [String]) {
        self.log = log
        self.targets = targets
    }

    package func drop(before: Timestamp, _ draft: TraceDraft) async throws(LedgerFailure) -> RetentionReport {
        do {
            var upTo = log.head.size
            let forwarding = StoreForwarding(log)
            for target in targets { upTo = min(upTo, try await forwarding.place(of: target)) }
            return try await log.dropBodies(before: before, upTo: upTo, draft)
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }
}
