internal import Audit
package import Primitives
package import Sessions
package import Signatures

/// Has the newest checkpoint stamped by a time-stamping authority (RFC 3161), now and then. A stamp covers every trace before it, so after
/// a time without network one stamp catches up with all.
package actor CheckpointStamps {
    private let service: TimestampService
    private let memory: any WitnessMemory
    private let ledger: any Ledger
    private let time: any TimeSource
    private let every: Duration
    private let report: @Sendable (String) -> Void
    private var failure: String?
    private var isKnownToWork = false
    private var next: Duration?
    private nonisolated let wakes = Wakes()

    /// - Parameter every: least time between two stamps.
    package init(
        _ service: TimestampService, every: Duration, memory: any WitnessMemory, ledger: any Ledger, time: any TimeSource,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.service = service
        self.every = every
        self.memory = memory
        self.ledger = ledger
        self.time = time
        self.report = report
    }

    /// There may be a new checkpoint.
    package nonisolated func wake() { wakes.wake() }

    /// Works until it is cancelled.
    ///
    /// - Parameter pause: waits; throws when cancelled.
    package func run(pause: @Sendable (Duration) async throws -> Void) async {
        wake()
        for await _ in wakes.calls {
            var backOff = BackOff.witness
            do {
                if let next, next > time.sinceBoot() { try await pause(next - time.sinceBoot()) }
                while !(await catchUp()) { try await pause(backOff.next()) }
            } catch {
                return
            }
        }
    }

    /// Has the newest checkpoint stamped, unless it is.
    ///
    /// - Returns: whether it is.
    package func catchUp() async -> Bool {
        do throws(LedgerFailure) {
            guard let newest = try await memory.newestCheckpoint() else { return true }
            if try await memory.newestStamp()?.checkpoint == newest { return true }
            guard let made = await service.stamps(of: [Array(newest.note.utf8)]).first else { return false }
            do throws(TimestampFailure) {
                let stamp = try made.get()
                return await keep(StampedCheckpoint(checkpoint: newest, token: stamp.token, time: stamp.time))
            } catch {
                try await failed(error.reason)
                return false
            }
        } catch {
            report("time-stamp of a checkpoint: \(error.reason)")
            return false
        }
    }

    /// - Returns: whether it could be kept.
    private func keep(_ stamp: StampedCheckpoint) async -> Bool {
        do throws(LedgerFailure) {
            try await memory.remember(stamp)
            next = time.sinceBoot() + every
            let isNews = !isKnownToWork
            (failure, isKnownToWork) = (nil, true)
            if isNews { try await tell(.auditTimestamped, .granted, ["size": .int(Int64(clamping: stamp.checkpoint.size))]) }
            return true
        } catch {
            report("time-stamp of a checkpoint: \(error.reason)")
            return false
        }
    }

    private func failed(_ reason: String) async throws(LedgerFailure) {
        guard failure != reason else { return }
        try await tell(.auditTimestampFailed, .failed, ["detail": .string(reason)])
        (failure, isKnownToWork) = (reason, false)
    }

    private func tell(_ event: TraceEvent, _ outcome: TraceOutcome, _ facts: [String: JSON]) async throws(LedgerFailure) {
        var draft = TraceDraft(event, outcome, at: time.now())
        draft.detail = .object(facts.merging(["authority": .string(service.address.text)]) { own, _ in own })
        _ = try await ledger.commit([draft], [])
    }

    /// For `status`.
    package func view() async throws(LedgerFailure) -> JSON {
        let stamp = try await memory.newestStamp()
        return [
            "size": stamp.map { .int(Int64(clamping: $0.checkpoint.size)) } ?? .null,
            "stamped_at": stamp.map { .string($0.time.description) } ?? .null, "failure": failure.map(JSON.string) ?? .null,
        ]
    }
}
