package import Audit
internal import Habilitation
package import Identity
internal import Primitives

/// Somebody who comes in without their card: who, how, and for how long.
package struct DegradedAdmission: Sendable {
    /// Of the session to be, so that traces of before can name it.
    package let id: String
    package let holder: Holder
    package let entry: Session.DegradedEntry
    /// National identifiers of others who made the way in, confirmed it or vouched: they do not review its uses.
    package let makers: [String]
    package let situations: [Situation]
    package let profile: Situation?
    package let uid: UInt32
    package let resumes: String?
    /// Seconds; cut to what the establishment allows.
    package let life: Int64

    package init(
        id: String, holder: Holder, entry: Session.DegradedEntry, makers: [String], situations: [Situation], profile: Situation?,
        uid: UInt32, resumes: String?, life: Int64
    ) {
        self.id = id
        self.holder = holder
        self.entry = entry
        self.makers = makers
        self.situations = situations
        self.profile = profile
        self.uid = uid
        self.resumes = resumes
        self.life = life
    }
}

extension SessionRegistry {
    /// Opens a session without the card. That it is one, that people have to be told and that somebody has to look at it afterwards is
    /// written in the same commit.
    ///
    /// - Parameter wanted: an emergency that is declared in it as well; it then opens with the disk full too.
    /// - Returns: with the session, the emergency that it is.
    package func open(
        _ admission: DegradedAdmission, traces: [TraceDraft], effects: [Effect] = [], by caller: Caller, token: TokenRequest?,
        declaring wanted: EmergencyRequest? = nil
    ) async throws(OpeningRefusal) -> (session: Session, token: IssuedToken?, emergency: Emergency) {
        guard settings.degraded.isEnabled else { throw OpeningRefusal(refusal: Refusal(.degradedDisabled), isTraced: false) }
        let now = time.now()
        let life = min(admission.life, settings.degraded.longest(of: admission.entry.origin))
        let isWaiting = admission.situations.awaitChoice(admission.profile)
        let session = Session(
            id: admission.id, state: isWaiting ? .profileRequired : .active, entry: .degraded(admission.entry), uid: admission.uid,
            resumes: admission.resumes, holder: admission.holder, situations: admission.situations, profile: admission.profile, scopes: [],
            acr: AccessMode.degraded.acr(issuer: settings.issuer), amr: [admission.entry.origin.method], openedAt: now,
            expiresAt: now.advanced(bySeconds: life))
        let emergency = Emergency(
            id: session.id, kind: .degraded, session: session.id, uid: session.uid, client: caller.client.name,
            person: session.holder.nationalID.text, name: session.holder.displayName, mode: session.mode.rawValue,
            reason: admission.entry.reason, note: admission.entry.note, patient: nil, makers: admission.makers, declaredAt: now,
            expiresAt: session.expiresAt, reviewDueAt: now.advanced(bySeconds: settings.degraded.reviewWithin))
        let opened = try await open(
            session, traces: traces, effects: effects + [.keep(emergency.record)], by: caller, token: isWaiting ? nil : token,
            emergency: wanted)
        return (opened.session, opened.token, emergency)
    }
}

extension Session.DegradedEntry.Origin {
    /// The authentication method of such a session (RFC 8176 §2; that of a vouched one is our own).
    fileprivate var method: String {
        switch self {
        case .holder, .referent: "pwd"
        case .vouched: "vouched"
        }
    }
}
