package import Audit
package import Primitives

/// Where the whole log is checked while somebody watches how far it is: one check at a time, for as long as its asker keeps asking.
package actor VerificationDesk {
    /// A check that nobody asks about for so long ends; what one found is kept as long.
    package static let patience = Duration.seconds(30)
    /// How long an answer about a check that goes on may take, in steps.
    private static let steps = 10
    private static let step = Duration.milliseconds(100)

    private let audit: any AuditReading
    private let ledger: any Ledger
    private let time: any TimeSource
    private let random: any RandomSource
    private let sleep: @Sendable (Duration) async -> Void
    private var current: WatchedCheck?

    /// - Parameter sleep: waits for a while, or until its task is cancelled.
    package init(
        audit: any AuditReading, ledger: any Ledger, time: any TimeSource, random: any RandomSource,
        sleep: @escaping @Sendable (Duration) async -> Void = { do { try await Task.sleep(for: $0) } catch {} }
    ) {
        self.audit = audit
        self.ledger = ledger
        self.time = time
        self.random = random
        self.sleep = sleep
    }

    /// Begins to check the log; the result of the check before is given up.
    ///
    /// - Parameter draft: the trace of the check, without its outcome; it is on the disk before the result is told.
    /// - Throws: `rate_limited` while another check goes on.
    package func begin(_ draft: TraceDraft, of uid: UInt32) async throws(Refusal) -> JSON {
        let total = await ledger.head().size
        if let current, current.isRunning {
            guard current.isForgotten(at: time.sinceBoot()) else {
                throw Refusal(.rateLimited, ["retry_after": 5, "detail": "the log is being verified already"])
            }
            current.stop()
        }
        let check = WatchedCheck(id: random.opaqueID(), uid: uid, total: total, at: time.sinceBoot())
        current = check
        check.started(
            Task { [audit, ledger, time] in
                do throws(LedgerFailure) {
                    let found = try await audit.check { done, total in check.advance(done, total, at: time.sinceBoot()) }
                    var draft = draft
                    draft.time = time.now()
                    draft.outcome = found.isSound ? .granted : .failed
                    draft.detail = draft.detail?["rules"].map { found.detail.with("rules", $0) } ?? found.detail
                    _ = try await ledger.commit([draft], [])
                    check.end(found.json)
                } catch {
                    check.end(nil)
                }
            })
        return check.json
    }

    /// How far a check is, or what it found; while it goes on the answer takes up to a second if `isPatient`.
    package func state(_ id: String, of uid: UInt32, isPatient: Bool) async throws(Refusal) -> JSON {
        let check = try find(id, uid)
        check.asked(at: time.sinceBoot())
        for _ in 0..<Self.steps where isPatient && check.isRunning && !Task.isCancelled { await sleep(Self.step) }
        return check.json
    }

    /// Ends a check, or gives its result up.
    package func cancel(_ id: String, of uid: UInt32) throws(Refusal) {
        try find(id, uid).stop()
        current = nil
    }

    private func find(_ id: String, _ uid: UInt32) throws(Refusal) -> WatchedCheck {
        guard let current, current.id == id, current.uid == uid, !current.isForgotten(at: time.sinceBoot()) else {
            throw Refusal(.notFound)
        }
        return current
    }
}
