internal import Audit
package import Primitives

extension SessionRegistry {
    /// The session, if this caller may have something signed in it now: active, with its card. Every refusal is traced.
    package func signable(_ id: String, for caller: Caller) async throws(Refusal) -> Session {
        do throws(Refusal) {
            return try signableNow(id, for: caller)
        } catch {
            let refusal = await explained(error, id, for: caller)
            try await refusals.write(refusalTrace(.signatureRefused, refusal, id, at: time.now(), by: caller))
            throw refusal
        }
    }

    /// The same without a trace, for whoever writes one of their own.
    package func signableNow(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        let session = try usable(id, for: caller)
        try caller.client.check(.sign)
        guard session.mode == .card else { throw Refusal(.cardSessionRequired) }
        return session
    }

    /// The holder has given the PIN in the session, so somebody works in it.
    package func holderActed(_ id: String) { live[id]?.lastActivity = time.sinceBoot() }

    /// The caller's session, active and with its card.
    package func cardSession(_ id: String, for caller: Caller) throws(Refusal) -> Session {
        let session = try usable(id, for: caller)
        guard session.mode == .card else { throw Refusal(.cardSessionRequired) }
        return session
    }
}
