internal import Audit
internal import Habilitation
internal import Identity
package import Primitives

/// An emergency that may be declared.
struct EmergencyPlan {
    let emergency: Emergency
    let seconds: Int64
    /// All that the program's tokens may carry under it, and what of that it adds.
    let scopes: [Scope]
    let gained: [Scope]
    /// Those by which it adds them.
    let rules: [Rule]

    func trace(_ session: Session, at now: Timestamp, by caller: Caller) -> TraceDraft {
        var draft = session.trace(.breakGlassDeclared, .granted, at: now, by: caller)
        draft.emergency = emergency.mark
        draft.patient = emergency.patient
        draft.reason = emergency.reason
        draft.detail = .members([
            "note": emergency.note.map(JSON.string), "expires_at": .string(emergency.expiresAt.description),
            "review_due_at": .string(emergency.reviewDueAt.description), "scopes": .array(gained.map { .string($0.text) }),
            "rules": .array(rules.map(\.json)), "makers": emergency.makers.isEmpty ? nil : .array(emergency.makers.map(JSON.string)),
        ])
        return draft
    }
}

extension SessionRegistry {
    /// Decides about an emergency: whether this program may declare it, whether it gives the person anything, how long.
    ///
    /// - Parameter within: seconds of life that the session has left, at least one.
    func plan(
        _ request: EmergencyRequest, in session: Session, by caller: Caller, at now: Timestamp, within left: Int64
    ) throws(Refusal) -> EmergencyPlan {
        try caller.client.check(.emergency)
        let settings = settings.emergencies
        guard settings.reasons.contains(request.reason) else {
            throw Refusal(.breakGlassReason, ["reasons": .array(settings.reasons.map(JSON.string))])
        }
        let seconds = min(left, try settings.seconds(request.minutes))
        let client = caller.client.name
        let (usual, widened) = (rights(of: session, client: client), rights(of: session, client: client, isBreakGlass: true))
        let scopes = caller.client.narrowed(widened.scopes)
        let gained = scopes.filter { !usual.grants($0) }
        guard !session.awaitsProfile else { throw Refusal(.profileRequired, ["profiles": session.situations.json]) }
        guard !gained.isEmpty else { throw Refusal(.breakGlassDenied) }
        let emergency = Emergency(
            id: random.opaqueID(), kind: .breakGlass, session: session.id, uid: session.uid, client: client,
            person: session.holder.nationalID.text, name: session.holder.displayName, mode: session.mode.rawValue, reason: request.reason,
            note: request.note, patient: request.patient,
            makers: [session.degraded?.madeBy, session.degraded?.confirmedBy].compactMap { $0 }, declaredAt: now,
            expiresAt: now.advanced(bySeconds: seconds), reviewDueAt: now.advanced(bySeconds: settings.reviewWithin))
        return EmergencyPlan(
            emergency: emergency, seconds: seconds, scopes: scopes, gained: gained, rules: widened.granting(gained))
    }

    /// The same for somebody who asks for a session with it, before any PIN is given.
    package nonisolated func checkEmergency(_ request: EmergencyRequest, by caller: Caller) throws(Refusal) {
        try caller.client.check(.emergency)
        guard settings.emergencies.reasons.contains(request.reason) else {
            throw Refusal(.breakGlassReason, ["reasons": .array(settings.emergencies.reasons.map(JSON.string))])
        }
        _ = try settings.emergencies.seconds(request.minutes)
    }
}
