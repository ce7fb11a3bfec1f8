internal import CardDrivers
package import Primitives
package import Sessions
internal import SmartCard

/// Where a PIN comes from.
enum PINSource: ~Copyable {
    /// A program gave it.
    case given(Secret)
    /// The person enters it on the reader.
    case keypad

    /// Time for the operation on the card.
    var deadline: Duration {
        switch self {
        case .given: LoginDesk.pinDeadline
        case .keypad: LoginDesk.pinDeadline + PINEntry.longest
        }
    }

    var isKeypad: Bool {
        switch self {
        case .given: false
        case .keypad: true
        }
    }
}

extension LoginDesk {
    /// Has the person enter the PIN on the reader itself; else as ``enterPIN(_:login:acceptLastTry:by:)``.
    ///
    /// Comes back when the person is done, at the latest when the reader's own time has run out, whether the caller still waits or not.
    /// An entry that was given up, or that nobody began, spends no try, and the login goes on.
    package func enterPINByKeypad(
        login id: String, acceptLastTry: String?, by caller: Caller
    ) async throws(Refusal) -> (session: Session, token: IssuedToken?) {
        try await openSession(.keypad, id, acceptLastTry, caller)
    }

    /// An entry that did not reach the card, as the reader says: what is left of the tries is read again before it is shown.
    func notEntered(_ refusal: Refusal, _ login: Login) async -> Refusal {
        let reading: CardReading
        do throws(CardError) {
            reading = try await board.refreshed(login.reading, login.insertion)
        } catch {
            return await refusedByCard(error, login)
        }
        guard reading.pin.triesLeft != 0 else { return await refusedByCard(.pinBlocked, login) }
        return await awaitAnother(refusal, login, triesLeft: reading.pin.triesLeft)
    }
}
