internal import Audit
package import Primitives
package import Sessions

extension LoginDesk {
    /// Unlocks a session with the PIN of its card, in the same stay of that card, by the same proof as a login.
    ///
    /// The last try needs the `last_try_consent` of the answer before; the reader is kept for it as for a login. After every other
    /// refusal nothing is left of the attempt. Every refusal is traced.
    package func unlock(
        _ id: String, pin: consuming Secret, acceptLastTry: String?, by caller: Caller
    ) async throws(Refusal) -> Session {
        await expire()
        let session = try await registry.locked(id, for: caller)
        let attempt: String
        if let begun = logins.values.first(where: {
            $0.isOpen && $0.purpose.isUnlocking && $0.purpose.session?.id == id && $0.caller.uid == caller.uid
        }) {
            attempt = begun.id
        } else {
            let request = LoginRequest(reader: session.presence?.place.reader, token: nil, forUID: nil, resumes: nil)
            attempt = try await begin(request, for: .unlock(session), by: caller).id
        }
        let proven: (login: Login, verified: TraceDraft)
        do throws(Refusal) {
            proven = try await prove(.given(pin), attempt, acceptLastTry, caller)
        } catch {
            if let login = logins[attempt], login.state == .awaitingPIN, login.lastTryConsent == nil { finish(attempt, .failed, error) }
            throw error
        }
        do throws(OpeningRefusal) {
            let unlocked = try await registry.unlock(id, traces: [proven.verified], by: caller)
            finish(attempt, .done, nil)
            return unlocked
        } catch {
            throw await failed(error.refusal, attempt, after: error.isTraced ? [] : [proven.verified])
        }
    }
}
