package import Audit
internal import Habilitation
package import Primitives

/// A device that is let in: whose, for what, and for how long.
package struct MobileAdmission: Sendable {
    /// Of the session to be.
    package let id: String
    package let entry: Session.MobileEntry
    /// Seconds; cut to what the establishment allows. `nil` for the usual time.
    package let life: Int64?

    package init(id: String, entry: Session.MobileEntry, life: Int64?) {
        self.id = id
        self.entry = entry
        self.life = life
    }
}

extension SessionRegistry {
    /// The card session in which a device may be let in: active, its certificate found good.
    package func hostSession(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        guard settings.mobile.isEnabled else { throw Refusal(.mobileDisabled) }
        try caller.client.check(.mobile)
        return try host(usable(id, for: caller))
    }

    private func host(_ session: Session) throws(Refusal) -> Session {
        guard settings.mobile.isEnabled else { throw Refusal(.mobileDisabled) }
        guard session.mode == .card else { throw Refusal(.cardSessionRequired) }
        guard session.rights == .card else { throw Refusal(.revocationStale) }
        return session
    }

    /// Opens the session of a device. The card session in which it was let in has to be usable still; what the person works in there, the
    /// device works in too.
    ///
    /// - Parameters:
    ///   - traces, effects: what is written in the same commit.
    ///   - token: bound to the device's key.
    package func open(
        _ admission: MobileAdmission, traces: [TraceDraft], effects: [Effect], by caller: Caller, token: TokenRequest
    ) async throws(OpeningRefusal) -> (session: Session, token: IssuedToken?) {
        let parent: Session
        do throws(Refusal) { parent = try host(usable(admission.entry.openedBy)) } catch {
            throw OpeningRefusal(refusal: error, isTraced: false)
        }
        let now = time.now()
        let life = min(admission.life ?? settings.mobile.usual, settings.mobile.longest)
        let session = Session(
            id: admission.id, state: .active, entry: .mobile(admission.entry), uid: parent.uid, resumes: nil, holder: parent.holder,
            supervisor: parent.supervisor, situations: parent.situations, profile: parent.profile, scopes: [],
            acr: AccessMode.mobile.acr(issuer: settings.issuer), amr: Self.amr, openedAt: now, expiresAt: now.advanced(bySeconds: life))
        let opened = try await open(session, traces: traces, effects: effects, by: caller, token: token)
        // The card session may have ended while that was being written, and the stay of the card.
        if live[parent.id] == nil, let reason = found(parent.id)?.endReason {
            var endings = Endings()
            endings.add(follow(parent, reason, at: time.now()))
            let stay = admission.entry.insertion
            if !insertions.contains(stay) { endings.add(leave([stay: reason], at: time.now())) }
            await write(endings)
            do throws(Refusal) { _ = try usable(session.id) } catch { throw OpeningRefusal(refusal: error, isTraced: true) }
        }
        return opened
    }

    /// Card and PIN at the workstation, the key of the device ever since (RFC 8176).
    private static let amr = ["sc", "pin", "mfa", "pop"]

    /// The device has shown itself.
    package func deviceActed(_ id: String) { live[id]?.lastAwake = time.awake() }

    /// The live sessions of devices.
    package var mobileSessions: [Session] { allSessions.filter { $0.mode == .mobile } }
}
