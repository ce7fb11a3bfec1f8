internal import Audit
package import Primitives
package import Sessions

/// Where a practitioner lets a device in that shows a code, in their own session, by card and PIN given afresh, as for a login.
extension LoginDesk {
    /// Begins an approval: from here on the PIN is awaited. Every refusal is traced.
    ///
    /// - Parameter session: a card session from which devices may be let in.
    package func beginAdmitting(_ admitting: Admitting, session: Session, by caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        let place = LoginRequest(reader: session.presence?.place.reader, token: nil, forUID: nil, resumes: nil)
        return try await begin(place, for: .admit(session, admitting), by: caller).admittingAnswer
    }

    package func admitting(_ id: String, for caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        return try ownedAdmitting(id, caller).login.admittingAnswer
    }

    package func cancelAdmitting(_ id: String, by caller: Caller) async throws(Refusal) {
        try await cancel(id, try ownedAdmitting(id, caller).login.purpose, by: caller)
    }

    /// Tries the PIN. At most one try of the card is spent, as at a login. The proof and the approval are one commit. Every refusal is
    /// traced.
    package func admit(
        _ pin: consuming Secret, admitting id: String, acceptLastTry: String?, by caller: Caller
    ) async throws(Refusal) -> (session: Session, admitting: Admitting) {
        await expire()
        let (session, admitting): (Session, Admitting)
        do throws(Refusal) {
            (_, session, admitting) = try ownedAdmitting(id, caller)
            _ = try await registry.hostSession(session.id, for: caller)
        } catch {
            throw await notTried(error, logins[id], caller)
        }
        let (login, verified) = try await prove(.given(pin), id, acceptLastTry, caller)
        do throws(Refusal) {
            _ = try await registry.hostSession(session.id, for: caller)
        } catch {
            throw await failed(error, id, after: [verified])
        }
        var approved = trace(login, .mobileApproved, .granted)
        approved.detail = .object(admitting.members)
        do throws(Refusal) { _ = try await commit([verified, approved]) } catch { throw await failed(error, id, after: [verified]) }
        await registry.holderActed(session.id)
        finish(id, .done, nil)
        return (session, admitting)
    }

    private func ownedAdmitting(_ id: String, _ caller: Caller) throws(Refusal) -> (login: Login, session: Session, admitting: Admitting) {
        guard case .admit(let session, let admitting)? = logins[id]?.purpose else { throw Refusal(.loginNotFound) }
        return (try owned(id, caller, .admit(session, admitting)), session, admitting)
    }
}

extension Login {
    /// An approval as the answer to its caller shows it, with the consent to a last try.
    var admittingAnswer: JSON {
        guard case .admit(let session, let admitting) = purpose else { return .null }
        return answer.with("session", .string(session.id)).with("request", .object(admitting.members))
    }
}
