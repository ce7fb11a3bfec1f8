internal import Audit
internal import Primitives

/// What becomes of the sessions of devices when the card session ends in which they were let in.
struct Following {
    var endings: [Ending] = []
    /// Those that go on for a while.
    var limited: [(draft: TraceDraft, session: Session)] = []
}

extension SessionRegistry {
    /// Ends the sessions that follow a card session, which is dead; they are dead too when this returns.
    func follow(_ card: Session, _ reason: Session.EndReason, at now: Timestamp) -> Following {
        var following = Following()
        guard card.mode == .card, reason.concernsThePerson || settings.mobile.removal == .ends else { return following }
        for session in live.values.map(\.session) where session.mobile?.openedBy == card.id {
            following.endings.append(kill(session, reason, at: now, by: nil))
        }
        return following
    }

    /// Ends or limits the sessions of devices that were let in during these stays of cards, which are over, whichever card sessions there
    /// were meanwhile.
    func leave(_ stays: [String: Session.EndReason], at now: Timestamp) -> Following {
        var following = Following()
        for session in live.values.map(\.session) {
            guard let stay = session.mobile?.insertion, let reason = stays[stay] else { continue }
            switch settings.mobile.removal {
            case .survives: break
            case .ends: following.endings.append(kill(session, reason, at: now, by: nil))
            case .limits(let seconds):
                if seconds < secondsLeft(session.id) { following.limited.append(limit(session, to: seconds, reason, at: now)) }
            }
        }
        return following
    }

    private func limit(
        _ session: Session, to seconds: Int64, _ reason: Session.EndReason, at now: Timestamp
    ) -> (draft: TraceDraft, session: Session) {
        var session = session
        session.expiresAt = now.advanced(bySeconds: seconds)
        if let opened = live[session.id]?.openedSinceBoot {
            live[session.id]?.life = (time.sinceBoot() - opened).components.seconds + seconds
        }
        live[session.id]?.session = session
        var draft = session.trace(.mobileLimited, .info, at: now)
        draft.reason = reason.rawValue
        draft.detail = draft.detail?.with("expires_at", .string(session.expiresAt.description))
        return (draft, session)
    }
}

extension Session.EndReason {
    /// Whether what ended the card session is true of the person wherever they are.
    fileprivate var concernsThePerson: Bool {
        switch self {
        case .revoked, .accountDisabled: true
        default: false
        }
    }
}
