internal import Audit
internal import Identity
package import Primitives
package import Sessions

extension LoginDesk {
    /// Takes the password of the holder of a card that was reported lost: with it and the PIN the card is good again.
    ///
    /// It is asked for before the PIN, so that whoever found the card spends no try. Every refusal is traced.
    package func enterPassword(_ password: consuming Secret, login id: String, by caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        let (login, passwords): (Login, any PasswordCheck)
        do throws(Refusal) {
            login = try owned(id, caller)
            try caller.client.check(.login)
            if let refusal = login.refusal { throw refusal }
            guard login.lost != nil, let check = settings.passwords else { throw Refusal(.loginState) }
            passwords = check
        } catch {
            var draft =
                logins[id]?.trace(.degradedRefused, .refused, error.code, at: time.now())
                ?? TraceDraft(.degradedRefused, .refused, at: time.now())
            draft.client = caller.json
            draft.code = error.code.rawValue
            throw await traced(error, draft)
        }
        let person = try await passwords.person(login.holder.nationalID.text, password, by: caller)
        await expire()
        guard person.holder.nationalID == login.holder.nationalID, logins[id]?.state == .awaitingPIN else {
            throw Refusal(.loginState)
        }
        logins[id]?.isLifting = true
        return logins[id]?.answer ?? login.answer
    }
}

extension Login {
    /// What keeps a PIN from the card while the card is one that was lost; `nil` when nothing does.
    var lostRefusal: Refusal? { isLifting ? nil : lost?.refusal }

    /// How the card became good again, to be written with the session that it opens.
    func lifting(in session: Session, at now: Timestamp) -> (drafts: [TraceDraft], effects: [Effect]) {
        guard let lost, isLifting else { return ([], []) }
        var draft = session.trace(.cardLifted, .granted, at: now, by: caller)
        draft.detail = ["by": "card_pin_password", "person": .string(holder.nationalID.text)]
        return ([draft], [.forget(.lostCard, id: lost.serial)])
    }
}
