package import Audit
internal import Habilitation
internal import Identity
internal import Primitives

/// A session that is dead, and what ended with it.
struct Ending {
    var draft: TraceDraft
    let session: Session
    let emergencies: [EmergencyEnding]
    let signal: Signal?
    let following: Following

    /// What changes beside the log, but for emergencies: those have traces of their own.
    var effects: [Effect] {
        [.session(session)] + (signal.map { [.keep($0.record)] } ?? [])
            + (session.mode == .mobile ? [.forget(.family, id: session.id)] : [])
    }
}

/// Sessions that are dead, whose end has yet to be written and told.
package struct Endings: Sendable {
    private(set) var drafts: [TraceDraft] = []
    private(set) var effects: [Effect] = []
    private(set) var sessions: [Session] = []
    private(set) var emergencies: [EmergencyEnding] = []
    /// Sessions that go on for a shorter time.
    private(set) var limited: [Session] = []

    package var isEmpty: Bool { sessions.isEmpty && limited.isEmpty }

    mutating func add(_ ending: Ending) {
        drafts.append(ending.draft)
        effects += ending.effects
        sessions.append(ending.session)
        emergencies += ending.emergencies
        add(ending.following)
    }

    mutating func add(_ following: Following) {
        for ending in following.endings { add(ending) }
        drafts += following.limited.map(\.draft)
        effects += following.limited.map { .session($0.session) }
        limited += following.limited.map(\.session)
    }
}

extension SessionRegistry {
    /// Facts that wait for a ledger that can be written again.
    struct Owed {
        let drafts: [TraceDraft]
        let effects: [Effect]
        let urgency: Urgency
    }

    /// Far more than there can be sessions, logins and tokens when a ledger begins to fail; none of them begins while it does.
    private static let mostOwed = 4096

    /// Ends sessions; each is dead to everybody when this begins, and traced when it returns.
    package func end(_ ids: [String], _ reason: Session.EndReason, by caller: Caller?) async {
        let now = time.now()
        var endings = Endings()
        for id in ids {
            guard let session = live[id]?.session else { continue }
            endings.add(kill(session, reason, at: now, by: caller))
        }
        await write(endings)
    }

    /// Ends a session at the wish of a caller who may see it. By an administrator: the trace says who, and by which rules.
    ///
    /// - Parameter isLogout: whether root's program says that the holder logs out, as PAM does; whoever ends it by a role of theirs is an
    ///   administrator all the same.
    package func end(_ session: Session, by caller: Caller, isLogout: Bool = false) async {
        guard live[session.id] != nil else { return }
        let isOwn = session.uid == caller.uid
        let duty = isOwn ? nil : duty(.sessionManage, of: caller)
        let reason: Session.EndReason = isOwn || isLogout && duty == nil ? .logout : .administrator
        var ending = kill(session, reason, at: time.now(), by: caller)
        if let duty {
            ending.draft.detail = ["by": duty.session.holder.actor, "rules": .array(duty.rules.map(\.json))]
        }
        var endings = Endings()
        endings.add(ending)
        await write(endings)
    }

    /// Ends every card session, one that is about to open too; the others outlive the agent.
    package func endAll(_ reason: Session.EndReason) async {
        if opening?.session.mode == .card { opening?.isOver(reason) }
        await end(live.values.filter { $0.session.mode == .card }.map(\.session.id), reason, by: nil)
    }

    /// Ends every card session and opens no other; what could not be written so far gets its last chance.
    package func stop() async {
        isStopping = true
        await endAll(.agentRestarted)
        await sweep()
    }

    /// Puts endings into the log, then tells listeners.
    package func write(_ endings: Endings) async {
        guard !endings.isEmpty else { return }
        await record(
            endings.drafts + endings.emergencies.map(\.draft), endings.effects + endings.emergencies.flatMap(\.effects), as: .ending)
        for session in endings.sessions + endings.limited { hub.publish(Event(.session, session.json, uid: session.uid)) }
        for ending in endings.emergencies { tell(ending) }
        for session in endings.sessions {
            if let reason = session.endReason { await watch?.ended(session: session.id, reason: reason) }
        }
    }

    /// Ends what has lasted too long, tells of what soon will have, locks what was left alone, forgets tokens that are over by themselves, and writes what is owed.
    package func sweep() async {
        let boot = time.sinceBoot()
        for (id, entry) in live { live[id]?.tokens = entry.tokens.filter { $0.value.deadline > boot } }
        let old = live.values.filter { boot - $0.openedSinceBoot >= .seconds($0.life) }.map(\.session.id)
        await end(old, .expired, by: nil)
        let idle = live.values.map(\.session).filter { $0.state != .locked && isIdle($0.id) }
        await lockIdle(idle.filter(\.canBeUnlocked))
        await end(idle.filter { !$0.canBeUnlocked }.map(\.id), .inactivity, by: nil)
        await expireEmergencies()
        warn()
        await settle()
    }

    /// Whoever is still at the card shows it by the PIN. Locked to everybody when this begins, traced when it returns.
    private func lockIdle(_ sessions: [Session]) async {
        guard !sessions.isEmpty else { return }
        let now = time.now()
        let lockings = sessions.map { $0.locking(.inactivity, at: now, by: nil) }
        for session in sessions { lock(session.id, .inactivity) }
        await record(lockings.map(\.draft), lockings.map { .session($0.session) }, as: .ending)
    }

    // MARK: Facts

    /// Writes what has happened already and cannot be refused any more: now, or as soon as the ledger can be written again.
    ///
    /// - Parameter urgency: which share of the reserve it may use meanwhile; else it waits in memory.
    /// - Returns: whether it is written.
    @discardableResult
    package func record(_ drafts: [TraceDraft], _ effects: [Effect] = [], as urgency: Urgency = .ordinary) async -> Bool {
        do throws(LedgerFailure) {
            _ = try await ledger.commit(drafts, effects, as: urgency)
            return true
        } catch {
            let names = drafts.map(\.event.rawValue).joined(separator: ", ")
            guard owed.count < Self.mostOwed else {
                report("not traced, and too many wait for it: \(names)")
                return false
            }
            owed.append(Owed(drafts: drafts, effects: effects, urgency: urgency))
            report("not traced yet: \(names): \(error.reason)")
            return false
        }
    }

    private func settle() async {
        let due = owed
        owed = []
        var left: [Owed] = []
        for fact in due {
            do throws(LedgerFailure) {
                _ = try await ledger.commit(fact.drafts, fact.effects, as: fact.urgency)
            } catch {
                left.append(fact)
            }
        }
        owed = left + owed
    }
}

extension Session {
    /// Whether the PIN could open it again: a session without a card is ended instead of locked.
    var canBeUnlocked: Bool { mode == .card }

    /// The session as it ends, and the trace of that.
    func ending(_ reason: EndReason, at now: Timestamp, by caller: Caller?) -> (draft: TraceDraft, session: Session) {
        var over = self
        over.state = .ended
        over.emergencies = []
        over.endedAt = now
        over.endReason = reason
        var draft = over.trace(.sessionEnded, .info, at: now, by: caller)
        draft.reason = reason.rawValue
        return (draft, over)
    }

    /// The session as it is locked, and the trace of that.
    func locking(_ reason: EndReason?, at now: Timestamp, by caller: Caller?) -> (draft: TraceDraft, session: Session) {
        var locked = self
        locked.state = .locked
        var draft = locked.trace(.sessionLocked, reason == nil ? .granted : .info, at: now, by: caller)
        draft.reason = reason?.rawValue
        return (draft, locked)
    }
}
