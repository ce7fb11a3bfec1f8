internal import Audit
package import Primitives

extension SessionRegistry {
    /// Seconds before its end at which listeners are told that a session without the card is about to end.
    static let soon: Int64 = 300

    /// Lets a session without the card last longer: so many seconds from now, as long as at its opening when `nil`, and in all no longer
    /// than the establishment allows. The tokens of before keep their ends. Every refusal is traced.
    package func extend(_ id: String, by seconds: Int64?, _ caller: Caller) async throws(Refusal) -> Session {
        await takeTurn()
        defer { passTurn() }
        let now = time.now()
        let before: Session
        let life: Int64
        do throws(Refusal) {
            _ = try session(id, for: caller)
            try caller.client.check(.login)
            before = try present(id)
            life = try longerLife(before, seconds)
        } catch {
            throw try await refused(error, id, at: now, by: caller)
        }
        var after = before
        after.expiresAt = before.openedAt.advanced(bySeconds: life)
        var draft = after.trace(.sessionExtended, .granted, at: now, by: caller)
        draft.detail = [
            "before": .string(before.expiresAt.description), "expires_at": .string(after.expiresAt.description), "seconds": .int(life),
        ]
        _ = try await commit([draft], [.session(after)])
        // It may have ended while the trace was being written; that is then written after this.
        guard live[id] != nil else { throw Self.over(try session(id, for: caller).endReason) }
        live[id]?.life = life
        live[id]?.isWarned = false
        live[id]?.session.expiresAt = after.expiresAt
        let session = live[id]?.session ?? after
        hub.publish(Event(.session, session.json, uid: session.uid))
        return session
    }

    /// Seconds from its opening that it may last from now on.
    private func longerLife(_ session: Session, _ seconds: Int64?) throws(Refusal) -> Int64 {
        guard let origin = session.degraded?.origin, let entry = live[session.id] else { throw Refusal(.sessionNotExtendable) }
        let elapsed = (time.sinceBoot() - entry.openedSinceBoot).components.seconds
        let most = settings.degraded.longest(of: origin)
        let life = min(most, elapsed + min(seconds ?? settings.degraded.usual, most))
        guard life > entry.life else {
            throw Refusal(.sessionNotExtendable, ["expires_at": .string(session.expiresAt.description), "longest": .int(most)])
        }
        return life
    }

    /// Tells whoever works in a session without the card that it ends soon; once, and once more after each extension.
    func warn() {
        for (id, entry) in live where entry.session.mode == .degraded && !entry.isWarned && secondsLeft(id) <= Self.soon {
            live[id]?.isWarned = true
            hub.publish(Event(.session, entry.session.json.with("expires_soon", true), uid: entry.session.uid))
        }
    }
}
