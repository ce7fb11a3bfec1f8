internal import Audit
package import Habilitation
package import Identity
package import Primitives

extension SessionRegistry {
    /// The person at work in this very session, and the rules by which they may do this. A locked session, or one without a card, gives no
    /// such right.
    package func duty(_ scope: Scope, in id: String, of caller: Caller) throws(Refusal) -> (session: Session, rules: [Rule]) {
        let session = try usable(id, for: caller)
        guard session.mode == .card else { throw Refusal(.forbidden) }
        let (isGranted, rules) = rightsNow(of: session, client: caller.client.name).verdict(on: scope)
        guard isGranted else { throw .scopeDenied(scope, rules) }
        return (session, rules)
    }

    /// The session of a person who is at work with their card.
    package func atCard(in id: String, of caller: Caller) throws(Refusal) -> Session {
        let session = try usable(id, for: caller)
        guard session.mode == .card else { throw Refusal(.cardSessionRequired) }
        return session
    }

    /// Ends every session that a person has without their card in a reader; dead to everybody when this begins, traced when it returns.
    package func endWithoutCard(of person: NationalID, _ reason: Session.EndReason, by caller: Caller?) async {
        await end(allSessions.filter { $0.mode != .card && $0.holder.nationalID == person }.map(\.id), reason, by: caller)
    }

    /// Writes a decision that does not happen unless it is written.
    func write(_ draft: TraceDraft) async throws(Refusal) { _ = try await commit([draft], []) }
}
