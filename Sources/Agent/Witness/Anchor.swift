package import Audit
package import Primitives
package import Sessions

/// Takes each checkpoint to one anchor, at least once and in order, however long the anchor was away. No decision waits for it.
package actor Anchor {
    package nonisolated let target: any AnchorTarget
    private let memory: any WitnessMemory
    private let ledger: any Ledger
    private let time: any TimeSource
    private let report: @Sendable (String) -> Void
    private var known: AnchorRecord?
    private nonisolated let wakes = Wakes()

    /// Checkpoints that are handed over at once.
    private static let batch = 64

    package init(
        _ target: any AnchorTarget, memory: any WitnessMemory, ledger: any Ledger, time: any TimeSource,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.target = target
        self.memory = memory
        self.ledger = ledger
        self.time = time
        self.report = report
    }

    /// There may be a new checkpoint.
    package nonisolated func wake() { wakes.wake() }

    /// Works until it is cancelled. An anchor that fails is tried again after longer and longer pauses.
    ///
    /// - Parameter pause: waits; throws when cancelled.
    package func run(pause: @Sendable (Duration) async throws -> Void) async {
        wake()
        for await _ in wakes.calls {
            var backOff = BackOff.witness
            while !(await catchUp()) {
                do { try await pause(backOff.next()) } catch { return }
            }
        }
    }

    /// Hands over every checkpoint that waits.
    ///
    /// - Returns: whether the anchor has all of them.
    package func catchUp() async -> Bool {
        do throws(LedgerFailure) {
            var record = try await record()
            while true {
                let waiting = try await memory.checkpoints(after: record.size, limit: Self.batch)
                guard let last = waiting.last else { return true }
                do throws(FetchFailure) {
                    try await target.keep(waiting.map(\.note))
                } catch {
                    try await failed(error, &record)
                    return false
                }
                let isNews = record.at == nil || record.failure != nil
                record = AnchorRecord(size: last.size, at: time.now())
                try await remember(record)
                // Told once until it changes: this trace makes a checkpoint, which is then handed over without a word.
                if isNews { try await tell(.auditAnchored, .granted, ["size": .int(Int64(clamping: last.size))]) }
            }
        } catch {
            report("anchor \(target.name): \(error.reason)")
            return false
        }
    }

    private func failed(_ failure: FetchFailure, _ record: inout AnchorRecord) async throws(LedgerFailure) {
        guard record.failure != failure.kind else { return }
        record.failure = failure.kind
        try await tell(.auditAnchorFailed, .failed, ["detail": .string(failure.reason)])
        try await remember(record)
    }

    private func tell(_ event: TraceEvent, _ outcome: TraceOutcome, _ facts: [String: JSON]) async throws(LedgerFailure) {
        var draft = TraceDraft(event, outcome, at: time.now())
        draft.detail = .object(facts.merging(["anchor": .string(target.name), "kind": .string(target.kind)]) { own, _ in own })
        _ = try await ledger.commit([draft], [])
    }

    private func remember(_ record: AnchorRecord) async throws(LedgerFailure) {
        try await memory.remember(record, of: target.name)
        known = record
    }

    /// As it is remembered.
    package func record() async throws(LedgerFailure) -> AnchorRecord {
        if let known { return known }
        let record = try await memory.anchor(target.name) ?? AnchorRecord()
        known = record
        return record
    }
}

extension FetchFailure {
    /// What stays the same as long as the same thing is wrong.
    var kind: String {
        switch self {
        case .unreachable: "unreachable"
        case .tooSlow: "too_slow"
        case .tooLarge: "too_large"
        case .redirected: "redirected"
        case .status(let status): "status_\(status)"
        case .notWritten: "not_written"
        }
    }
}
