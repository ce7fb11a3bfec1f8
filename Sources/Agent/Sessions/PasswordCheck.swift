package import Identity
package import Primitives

/// A person whose password was right, and how their way in came about.
package struct KnownPerson: Sendable {
    /// Id of the account.
    package let account: String
    package let holder: Holder
    package let origin: Session.DegradedEntry.Origin
    /// National identifiers of who made the way in and of who confirmed that; both `nil` where the holder made it.
    package let madeBy: String?
    package let confirmedBy: String?
    /// Of the card that the account was made with; `nil` where there was none.
    package let cardSerial: String?
    /// When the password was chosen; `nil` where that is not known.
    package let passwordSetAt: Timestamp?

    package init(
        account: String, holder: Holder, origin: Session.DegradedEntry.Origin, madeBy: String?, confirmedBy: String?, cardSerial: String?,
        passwordSetAt: Timestamp? = nil
    ) {
        self.account = account
        self.holder = holder
        self.origin = origin
        self.madeBy = madeBy
        self.confirmedBy = confirmedBy
        self.cardSerial = cardSerial
        self.passwordSetAt = passwordSetAt
    }
}

/// Who checks passwords.
package protocol PasswordCheck: Sendable {
    /// The person whose password this is. Nothing tells whether there is such an account but the right password.
    ///
    /// - Throws: a refusal that is traced already.
    func person(_ identifier: String, _ password: consuming Secret, by caller: Caller) async throws(Refusal) -> KnownPerson

    /// Whether the account is still one that a person may come in by.
    func isOpen(_ account: String) async -> Bool
}
