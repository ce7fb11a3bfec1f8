package import Accounts
internal import DegradedMode
internal import Identity
package import Primitives
package import Sessions

/// Passwords as the accounts have them.
package struct AccountPasswords: PasswordCheck {
    private let accounts: AccountDesk

    package init(_ accounts: AccountDesk) { self.accounts = accounts }

    package func person(_ identifier: String, _ password: consuming Secret, by caller: Caller) async throws(Refusal) -> KnownPerson {
        let account = try await accounts.verify(identifier, password, by: caller)
        guard let wayIn = account.wayIn else { throw Refusal(.credentialsRefused) }
        let (origin, serial): (Session.DegradedEntry.Origin, String?)
        switch wayIn.origin {
        case .holder(_, let cardSerial): (origin, serial) = (.holder, cardSerial)
        case .referent: (origin, serial) = (.referent, nil)
        }
        let isOwn = origin == .holder
        return KnownPerson(
            account: account.id, holder: account.holder, origin: origin, madeBy: isOwn ? nil : wayIn.madeBy.person.text,
            confirmedBy: wayIn.confirmedBy?.person.text, cardSerial: serial, passwordSetAt: wayIn.setAt)
    }

    package func isOpen(_ account: String) async -> Bool { await accounts.isOpen(account) }
}
