internal import Primitives
package import Sessions
package import Workstation

/// What an application asks for when it begins a login without the card.
package struct DegradedRequest: Sendable {
    /// RPPS number, national identifier or id of an account, as it was typed.
    let identifier: String
    /// Code of why the card is not used.
    let reason: String
    /// What the person says of it; it may follow until the review.
    let note: String?
    /// For the token that comes with the session; `nil` for none.
    let token: TokenRequest?
    /// The user the session is for, when it is not the caller.
    let forUID: UInt32?
    /// The account of this machine that it is for, instead of a user.
    let account: AccountWish?
    let resumes: String?
    /// Id of the situation to work in; `nil` for the only one, or one to be chosen.
    let profile: String?
    /// An emergency that is declared with it.
    let emergency: EmergencyRequest?

    package init(
        identifier: String, reason: String, note: String?, token: TokenRequest?, forUID: UInt32?, account: AccountWish? = nil,
        resumes: String?, profile: String?, emergency: EmergencyRequest? = nil
    ) {
        self.identifier = identifier
        self.reason = reason
        self.note = note
        self.token = token
        self.forUID = forUID
        self.account = account
        self.resumes = resumes
        self.profile = profile
        self.emergency = emergency
    }

    /// In bytes.
    private static let longestIdentifier = 128

    /// Whether it has the form of an identifier. What it is instead is told to nobody: people type passwords there.
    var hasIdentifier: Bool {
        (1...Self.longestIdentifier).contains(identifier.utf8.count) && identifier.split(separator: " ").allSatisfy(\.isVisible)
    }
}

/// An attempt to come in without the card. It lives a minute, and looks the same whether there is such an account or not.
struct DegradedLogin: Sendable {
    enum State: String, Sendable {
        case awaitingPassword = "awaiting_password"
        /// A password is being tried; no other may be.
        case verifying
        case done, failed, cancelled, expired
    }

    let id: String
    let caller: Caller
    let request: DegradedRequest
    var state = State.awaitingPassword
    let expiresAt: Timestamp
    let deadline: Duration
    /// Id of the session that it opened.
    var session: String?

    /// Seconds.
    static let life: Int64 = 60

    var isOpen: Bool { state == .awaitingPassword || state == .verifying }

    /// What somebody hears who gives it a password now; `nil` when it waits for one.
    var refusal: Refusal? {
        switch state {
        case .awaitingPassword: nil
        case .expired: Refusal(.loginExpired)
        case .verifying, .done, .failed, .cancelled: Refusal(.loginState)
        }
    }

    var json: JSON {
        // From outside it still awaits the outcome of its password.
        let shown = state == .verifying ? .awaitingPassword : state
        return [
            "id": .string(id), "state": .string(shown.rawValue), "uid": .int(Int64(request.forUID ?? caller.uid)),
            "reason": .string(request.reason), "session": JSON(session), "expires_at": .string(expiresAt.description),
        ]
    }
}
