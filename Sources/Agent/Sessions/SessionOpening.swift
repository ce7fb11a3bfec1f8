package import Audit
internal import Habilitation
internal import Identity
package import Primitives

/// Why a session did not open.
package struct OpeningRefusal: Error, Hashable, Sendable {
    package let refusal: Refusal
    /// Whether the traces that were to be written with the opening are in the log all the same.
    package let isTraced: Bool

    package init(refusal: Refusal, isTraced: Bool) {
        self.refusal = refusal
        self.isTraced = isTraced
    }
}

extension SessionRegistry {
    /// A session on its way into the log, and the reason for which it is over before it began.
    struct Opening {
        let session: Session
        private(set) var reason: Session.EndReason?

        init(_ session: Session) { self.session = session }

        mutating func isOver(_ reason: Session.EndReason) { self.reason = self.reason ?? reason }
    }

    /// Opens a session, declares an emergency in it and issues its first token where these were asked for, in one commit with `traces`.
    ///
    /// An earlier session of the same user on the same stay is replaced, and whatever the same person has opened without their card; one of
    /// another holder is locked. Openings take turns, so that each sees the sessions that the one before it left. Should the token not get
    /// signed, the session opens without it.
    ///
    /// - Parameter more: what else changes with the opening.
    package func open(
        _ session: Session, traces: [TraceDraft], effects more: [Effect] = [], by caller: Caller, token request: TokenRequest?,
        emergency wanted: EmergencyRequest? = nil
    ) async throws(OpeningRefusal) -> (session: Session, token: IssuedToken?) {
        await takeTurn()
        defer { passTurn() }
        guard !isStopping else { throw OpeningRefusal(refusal: Refusal(.agentStopping), isTraced: false) }
        if let place = session.presence?.place, !insertions.contains(place.insertion) {
            throw OpeningRefusal(refusal: Refusal(.cardRemoved), isTraced: false)
        }
        let (now, version) = (time.now(), rightsVersion)
        var session = session
        let rights = rights(of: session, client: caller.client.name)
        session.scopes = rights.scopes
        let (replaced, displaced) = (replaced(by: session), displaced(by: session))
        var drafts = traces
        var effects: [Effect] = []
        for old in replaced {
            let (draft, gone) = old.ending(.replaced, at: now, by: caller)
            drafts.append(draft)
            effects.append(.session(gone))
            if let signal = signal(old, live[old.id]?.audiences, .replaced, at: now) { effects.append(.keep(signal.record)) }
        }
        for old in displaced {
            let (draft, locked) = old.locking(.holderChanged, at: now, by: caller)
            drafts.append(draft)
            effects.append(.session(locked))
        }
        let declared: EmergencyPlan?
        do throws(Refusal) {
            declared = try wanted.map { request throws(Refusal) in
                try plan(request, in: session, by: caller, at: now, within: session.life)
            }
        } catch {
            throw OpeningRefusal(refusal: error, isTraced: false)
        }
        session.emergencies = [declared?.emergency.declared].compactMap { $0 }
        var opened = session.trace(.sessionOpened, .granted, at: now, by: caller)
        opened.detail = .object(rights.members.merging(session.entry.members) { own, _ in own })
        drafts.append(opened)
        effects.append(.session(session))
        effects += more
        if let declared {
            drafts.append(declared.trace(session, at: now, by: caller))
            effects.append(.keep(declared.emergency.record))
        }
        let first: UInt64
        let planned: (record: TokenRecord, rules: [Rule])?
        opening = Opening(session)
        defer { opening = nil }
        do throws(Refusal) {
            planned = try request.map { request throws(Refusal) in
                try plan(
                    request, for: session, by: caller, at: now, within: session.life,
                    under: declared.map { ($0.emergency, $0.seconds) })
            }
            if let (record, rules) = planned {
                drafts.append(tokenTrace(record, rules, session, at: now, by: caller))
                effects.append(.tokenIssued(record))
            }
            first = try await commit(
                drafts, effects, as: declared.map { _ in .emergency(person: session.holder.nationalID.text) } ?? .ordinary)
        } catch {
            throw OpeningRefusal(refusal: error, isTraced: false)
        }
        // Each of them may have ended while the trace was being written; its end is then written after this.
        for old in replaced where live[old.id] != nil {
            let ending = kill(old, .replaced, at: now, by: caller)
            hub.publish(Event(.session, ending.session.json, uid: ending.session.uid))
            await write(ending.emergencies)
            var followers = Endings()
            followers.add(ending.following)
            await write(followers)
            await watch?.ended(session: old.id, reason: .replaced)
        }
        for old in displaced { lock(old.id, .holderChanged) }
        live[session.id] = Live(
            session: session, openedSinceBoot: time.sinceBoot(), life: session.life, asleepAtOpening: time.reading().asleep,
            lastActivity: time.sinceBoot(), lastAwake: time.awake(), client: caller.client.name)
        if let declared { begin(declared) }
        if let reason = opening?.reason {
            await end([session.id], reason, by: nil)
            throw OpeningRefusal(refusal: reason.refusal, isTraced: true)
        }
        hub.publish(Event(.session, session.json, uid: session.uid))
        if let declared { await announce(declared.emergency) }
        if version != rightsVersion { await reassessRights() }
        session = live[session.id]?.session ?? session
        guard let request, let record = planned?.record else { return (session, nil) }
        do throws(Refusal) {
            return (session, try hand(record, request, session, first + UInt64(drafts.count - 1), at: now, by: caller, since: version))
        } catch {
            await takeBack(record, session, error, by: caller)
            return (session, nil)
        }
    }

    private func replaced(by session: Session) -> [Session] {
        guard let place = session.presence?.place else { return [] }
        return live.values.map(\.session).filter {
            $0.uid == session.uid && $0.lives(by: place.insertion)
                || $0.mode == .degraded && $0.holder.nationalID == session.holder.nationalID
        }
    }

    func displaced(by session: Session) -> [Session] {
        guard let place = session.presence?.place else { return [] }
        return live.values.map(\.session).filter {
            $0.uid == session.uid && $0.mode == .card && $0.state != .locked && $0.holder.nationalID != session.holder.nationalID
                && !$0.lives(by: place.insertion)
        }
    }

    /// Makes a session unusable until it is unlocked, and tells listeners.
    func lock(_ id: String, _ reason: Session.EndReason?) {
        guard live[id] != nil else { return }
        live[id]?.session.state = .locked
        guard let session = live[id]?.session, case .object(var members) = session.json else { return }
        members["reason"] = reason.map { .string($0.rawValue) }
        hub.publish(Event(.session, .object(members), uid: session.uid))
    }

    // MARK: Turns

    func takeTurn() async { await turns.take() }

    func passTurn() { turns.pass() }
}

extension Session.Entry {
    /// What the trace of an opening says of it.
    fileprivate var members: [String: JSON] {
        switch self {
        case .card(let presence): ["revocation": presence.revocation.json]
        case .degraded(let entry): ["degraded": entry.json]
        case .mobile(let entry): ["mobile": entry.json]
        }
    }
}

extension Session.EndReason {
    /// What somebody hears whose session is over before it began.
    fileprivate var refusal: Refusal {
        switch self {
        case .cardRemoved, .readerLost, .monitoringLost: Refusal(.cardRemoved, ["end_reason": .string(rawValue)])
        default: Refusal(.sessionEnded, ["end_reason": .string(rawValue)])
        }
    }
}
