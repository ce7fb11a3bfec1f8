package import Audit
internal import Habilitation
internal import Identity
package import Primitives
package import Tokens

/// The live sessions and their tokens: what is true now, beside what the ledger keeps.
///
/// Endings take effect here first and are written at once after; openings are written first and take effect after. So no moment
/// exists in which a session is usable that should not be.
package actor SessionRegistry {
    struct Live {
        var session: Session
        var tokens: [String: TokenRecord] = [:]
        let openedSinceBoot: Duration
        var lastActivity: Duration
    }

    let ledger: any Ledger
    let hub: EventHub
    let time: any TimeSource
    let random: any RandomSource
    let signer: TokenSigner
    let settings: SessionSettings
    /// Reports what could not be told to anybody else.
    let report: @Sendable (String) -> Void

    var live: [String: Live] = [:]
    /// Sessions of this run that have ended, for whoever asks why; the newest of them.
    private var ended: [Session] = []
    /// Stays of cards that have ended; a session must not open on one.
    private var insertions: Set<String> = []

    private static let endedKept = 256

    package init(
        ledger: any Ledger, hub: EventHub, time: any TimeSource, random: any RandomSource, signer: TokenSigner,
        settings: SessionSettings, report: @escaping @Sendable (String) -> Void
    ) {
        self.ledger = ledger
        self.hub = hub
        self.time = time
        self.random = random
        self.signer = signer
        self.settings = settings
        self.report = report
    }

    // MARK: Stays of cards

    /// A stay began; sessions may open on it.
    package func insertionBegan(_ insertion: String) { insertions.insert(insertion) }

    /// A stay ended, and every session on it with it.
    package func insertionEnded(_ insertion: String, _ reason: Session.EndReason) async {
        insertions.remove(insertion)
        await end(live.values.filter { $0.session.place.insertion == insertion }.map(\.session.id), reason, by: nil)
    }

    package func isLive(_ insertion: String) -> Bool { insertions.contains(insertion) }

    // MARK: Opening

    /// Opens a session, and issues its first token when one was asked for, in one commit with `traces`.
    ///
    /// An earlier session of the same user on the same stay is replaced; one of another holder is locked.
    package func open(
        _ session: Session, traces: [TraceDraft], by caller: Caller, token request: TokenRequest?
    ) async throws(Refusal) -> (session: Session, token: IssuedToken?) {
        guard insertions.contains(session.place.insertion) else { throw Refusal(.cardRemoved) }
        let now = time.now()
        var drafts = traces
        var effects: [Effect] = []
        let replaced = live.values.map(\.session).filter { $0.uid == session.uid && $0.place.insertion == session.place.insertion }
        for old in replaced {
            let (draft, gone) = ending(old, .replaced, at: now, by: caller)
            drafts.append(draft)
            effects.append(.session(gone))
        }
        let displaced = live.values.map(\.session).filter {
            $0.uid == session.uid && $0.mode == .card && $0.state != .locked && $0.holder.nationalID != session.holder.nationalID
                && $0.place.insertion != session.place.insertion
        }
        for old in displaced {
            var locked = old
            locked.state = .locked
            var draft = locked.trace(.sessionLocked, .info, at: now, by: caller)
            draft.reason = Session.EndReason.holderChanged.rawValue
            drafts.append(draft)
            effects.append(.session(locked))
        }
        drafts.append(session.trace(.sessionOpened, .granted, at: now, by: caller))
        effects.append(.session(session))
        var record: TokenRecord?
        if let request {
            let issued = try plan(request, for: session, at: now)
            record = issued
            drafts.append(tokenTrace(issued, session, at: now, by: caller))
            effects.append(.tokenIssued(issued))
        }
        let first = try await commit(drafts, effects)
        for old in replaced { remove(old.id, as: ending(old, .replaced, at: now, by: caller).session) }
        for old in displaced { lockLive(old.id) }
        live[session.id] = Live(session: session, openedSinceBoot: time.sinceBoot(), lastActivity: time.sinceBoot())
        hub.publish(Event(.session, session.json, uid: session.uid))
        // The card may have left while the trace was being written.
        guard insertions.contains(session.place.insertion) else {
            await end([session.id], .cardRemoved, by: nil)
            throw Refusal(.cardRemoved)
        }
        guard let request, let record else { return (session, nil) }
        let sequence = first + UInt64(drafts.count - 1)
        return (session, try await hand(record, request, session, sequence, at: now, by: caller))
    }

    // MARK: Ending

    /// Ends sessions; each is dead to everybody when this begins, and traced when it returns.
    package func end(_ ids: [String], _ reason: Session.EndReason, by caller: Caller?) async {
        let now = time.now()
        var drafts: [TraceDraft] = []
        var gone: [Session] = []
        for id in ids {
            guard let session = live[id]?.session else { continue }
            let (draft, over) = ending(session, reason, at: now, by: caller)
            remove(id, as: over)
            drafts.append(draft)
            gone.append(over)
        }
        guard !gone.isEmpty else { return }
        do throws(LedgerFailure) {
            _ = try await ledger.commit(drafts, gone.map { .session($0) })
        } catch {
            report("ending of \(gone.count) sessions could not be traced: \(error.reason)")
        }
        for session in gone { hub.publish(Event(.session, session.json, uid: session.uid)) }
    }

    /// Ends what has lasted too long or been left alone, and forgets tokens that are over by themselves.
    package func sweep() async {
        let now = time.now()
        for (id, entry) in live { live[id]?.tokens = entry.tokens.filter { $0.value.expiresAt > now } }
        let boot = time.sinceBoot()
        let old = live.values.filter { boot - $0.openedSinceBoot >= .seconds(settings.longest) }.map(\.session.id)
        await end(old, .expired, by: nil)
        guard let limit = settings.inactivity else { return }
        let idle = live.values.filter { boot - $0.lastActivity >= .seconds(limit) }.map(\.session.id)
        await end(idle, .inactivity, by: nil)
    }

    /// Ends every card session; the others outlive the agent.
    package func endAll(_ reason: Session.EndReason) async {
        await end(live.values.filter { $0.session.mode == .card }.map(\.session.id), reason, by: nil)
    }

    // MARK: Looking

    package func session(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        let found = live[id]?.session ?? ended.last { $0.id == id }
        guard let found, isOwner(caller, found) else { throw Refusal(.sessionNotFound) }
        return found
    }

    package func sessions(for caller: Caller) -> [Session] {
        live.values.map(\.session).filter { isOwner(caller, $0) }.sorted { ($0.openedAt, $0.id) < ($1.openedAt, $1.id) }
    }

    /// Somebody worked in the session.
    package func touch(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        let session = try usable(id, for: caller)
        live[id]?.lastActivity = time.sinceBoot()
        return session
    }

    /// The live session, ready for use by this caller.
    func usable(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        let session = try session(id, for: caller)
        switch session.state {
        case .active: return session
        case .ended: throw Refusal(.sessionEnded, ["end_reason": JSON(session.endReason?.rawValue)])
        case .locked: throw Refusal(.sessionLocked)
        case .profileRequired: throw Refusal(.profileUnknown)
        }
    }

    func commit(_ drafts: [TraceDraft], _ effects: [Effect]) async throws(Refusal) -> UInt64 {
        do throws(LedgerFailure) {
            return try await ledger.commit(drafts, effects)
        } catch {
            report("decision refused, its trace could not be written: \(error.reason)")
            throw Refusal(.traceUnavailable)
        }
    }

    private func isOwner(_ caller: Caller, _ session: Session) -> Bool { session.uid == caller.uid || caller.uid == 0 }

    private func ending(
        _ session: Session, _ reason: Session.EndReason, at now: Timestamp, by caller: Caller?
    ) -> (draft: TraceDraft, session: Session) {
        var over = session
        over.state = .ended
        over.endedAt = now
        over.endReason = reason
        var draft = over.trace(.sessionEnded, .info, at: now, by: caller)
        draft.reason = reason.rawValue
        return (draft, over)
    }

    private func remove(_ id: String, as over: Session) {
        live[id] = nil
        ended.append(over)
        if ended.count > Self.endedKept { ended.removeFirst() }
    }

    private func lockLive(_ id: String) {
        guard var entry = live[id] else { return }
        entry.session.state = .locked
        live[id] = entry
        var data = entry.session.json
        if case .object(var members) = data {
            members["reason"] = .string(Session.EndReason.holderChanged.rawValue)
            data = .object(members)
        }
        hub.publish(Event(.session, data, uid: entry.session.uid))
    }
}
