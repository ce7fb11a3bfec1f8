package import Audit
internal import Identity
package import Primitives

/// A session of an earlier run as it ends: it was never live in this one.
package struct StoredEnding: Sendable {
    package let id: String
    package let json: JSON
    package let draft: TraceDraft

    /// `nil` for what is no session.
    package init?(_ stored: JSON, _ reason: Session.EndReason, at now: Timestamp) {
        guard let id = stored["id"]?.string, case .object = stored else { return nil }
        self.id = id
        json = stored.with("state", .string(Session.State.ended.rawValue)).with("ended_at", .string(now.description))
            .with("end_reason", .string(reason.rawValue))
        var draft = TraceDraft(.sessionEnded, .info, at: now)
        draft.session = id
        draft.mode = stored["mode"]?.string
        draft.actor = .members(["national_id": stored["holder"]?["national_id"]])
        draft.reason = reason.rawValue
        self.draft = draft
    }
}

extension Ledger {
    /// Writes what ended with an earlier run.
    package func end(_ endings: [StoredEnding]) async throws(LedgerFailure) {
        guard !endings.isEmpty else { return }
        try await endStored(endings.map(\.draft), sessions: endings.map { ($0.id, $0.json) })
    }
}

extension SessionRegistry {
    /// Takes up the sessions that an earlier run of the agent left and that live by no card in a reader: they go on until the end that they
    /// had, without their tokens. One whose time is over by now is ended, and one that cannot be read, or that opened later than the clock
    /// shows; the card sessions in which devices were let in are over.
    ///
    /// - Parameters:
    ///   - stored: as ``Ledger/unendedSessions()`` gives them.
    ///   - records: tell with which program each was opened.
    ///   - floor: the wall clock is judged to show no earlier time.
    package func restore(_ stored: [JSON], _ records: any RecordReading, floor: Timestamp?) async throws(LedgerFailure) {
        let (now, boot, asleep) = (time.now(), time.sinceBoot(), time.reading().asleep)
        let judged = max(now, floor ?? now)
        var endings: [StoredEnding] = []
        for json in stored {
            guard let mode = json["mode"]?.string.flatMap(Session.Mode.init(rawValue:)), isTakenUp(mode) else { continue }
            guard let session = Session(stored: json) else {
                endings += [StoredEnding(json, .agentRestarted, at: now)].compactMap(\.self)
                continue
            }
            if let serial = session.card?.serial, lostCards.card(serial) != nil {
                endings += [StoredEnding(json, .revoked, at: now)].compactMap(\.self)
                continue
            }
            let elapsed = judged.seconds - session.openedAt.seconds
            let life = life(ofRestored: session, after: elapsed)
            guard elapsed >= 0, elapsed < life else {
                endings += [StoredEnding(json, elapsed < 0 ? .clock : .expired, at: now)].compactMap(\.self)
                continue
            }
            let emergency = try await records.record(.emergency, session.id).flatMap { Emergency($0.json) }
            live[session.id] = Live(
                session: session, openedSinceBoot: boot - .seconds(elapsed), life: life, asleepAtOpening: asleep, lastActivity: boot,
                lastAwake: time.awake(), client: session.mobile?.client ?? emergency?.client ?? Client.fallbackName, audiences: nil)
        }
        try await ledger.end(endings)
        // The matrix may be another one now.
        await reassessRights()
    }

    /// Whether sessions of earlier runs go on.
    package nonisolated func isTakenUp(_ mode: Session.Mode) -> Bool {
        switch mode {
        case .card: false
        case .degraded: settings.degraded.isEnabled
        case .mobile: settings.mobile.isEnabled && settings.mobile.removal != .ends
        }
    }

    /// Seconds from its opening to its end.
    private func life(ofRestored session: Session, after elapsed: Int64) -> Int64 {
        guard session.mode == .mobile else {
            return min(session.life, settings.degraded.longest(of: session.degraded?.origin ?? .holder))
        }
        let life = min(session.life, settings.mobile.longest)
        guard case .limits(let seconds) = settings.mobile.removal else { return life }
        return min(life, elapsed + seconds)
    }
}
