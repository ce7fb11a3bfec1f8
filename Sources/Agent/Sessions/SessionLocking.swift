package import Audit
package import Primitives

extension SessionRegistry {
    /// Locks a session: its tokens are inactive and it gives no other until the PIN was given again. One that is locked stays so.
    ///
    /// It is locked to everybody when this begins, and traced when it returns. One without a card, which nothing could unlock, is refused.
    /// Every refusal is traced.
    package func lock(_ id: String, by caller: Caller) async throws(Refusal) -> Session {
        let now = time.now()
        let session: Session
        do throws(Refusal) {
            _ = try self.session(id, for: caller)
            session = try present(id)
            guard session.canBeUnlocked else { throw Refusal(.cardSessionRequired) }
            // As for an end: what root must stop it stops.
            if caller.uid != 0 { try caller.client.check(.login) }
        } catch {
            if error.code == .sessionLocked { return try self.session(id, for: caller) }
            throw try await refused(error, id, at: now, by: caller)
        }
        let (draft, locked) = session.locking(nil, at: now, by: caller)
        lock(id, nil)
        guard await record([draft], [.session(locked)], as: .ending) else { throw Refusal(.traceUnavailable) }
        return locked
    }

    /// The session, waiting to be unlocked by this caller. Every refusal is traced.
    package func locked(_ id: String, for caller: Caller) async throws(Refusal) -> Session {
        do throws(Refusal) {
            return try lockedNow(id, for: caller)
        } catch {
            throw try await refused(error, id, at: time.now(), by: caller)
        }
    }

    /// Unlocks a session whose holder has proved again to be at the card, in one commit with `traces`.
    ///
    /// A session of another holder that the same user has on another card is locked in its place, as at an opening.
    package func unlock(_ id: String, traces: [TraceDraft], by caller: Caller) async throws(OpeningRefusal) -> Session {
        await takeTurn()
        defer { passTurn() }
        let now = time.now()
        var session: Session
        let displaced: [Session]
        do throws(Refusal) {
            guard !isStopping else { throw Refusal(.agentStopping) }
            session = try lockedNow(id, for: caller)
            session.state = session.openState
            displaced = self.displaced(by: session)
            var drafts = traces + [session.trace(.sessionUnlocked, .granted, at: now, by: caller)]
            var effects = [Effect.session(session)]
            for old in displaced {
                let (draft, locked) = old.locking(.holderChanged, at: now, by: caller)
                drafts.append(draft)
                effects.append(.session(locked))
            }
            _ = try await commit(drafts, effects)
        } catch {
            throw OpeningRefusal(refusal: error, isTraced: false)
        }
        for old in displaced { lock(old.id, .holderChanged) }
        // It may have ended while the trace was being written; its end is then written after this.
        do throws(Refusal) {
            _ = try lockedNow(id, for: caller)
        } catch {
            throw OpeningRefusal(refusal: error, isTraced: true)
        }
        live[id]?.session.state = session.openState
        live[id]?.lastActivity = time.sinceBoot()
        // Its rights may have changed meanwhile.
        session = live[id]?.session ?? session
        hub.publish(Event(.session, session.json, uid: session.uid))
        return session
    }

    private func lockedNow(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        let session = try session(id, for: caller)
        try caller.client.check(.login)
        switch session.state {
        case .locked:
            guard secondsLeft(id) > 0 else { throw Self.over(.expired) }
            guard !hasSlept(id) else { throw Self.over(.suspended) }
            return session
        case .active, .profileRequired: throw Refusal(.sessionNotLocked)
        case .ended: throw Self.over(session.endReason)
        }
    }

    func refused(_ refusal: Refusal, _ id: String, at now: Timestamp, by caller: Caller) async throws(Refusal) -> Refusal {
        let refusal = await explained(refusal, id, for: caller)
        try await refusals.write(refusalTrace(.sessionRefused, refusal, id, at: now, by: caller))
        return refusal
    }
}
