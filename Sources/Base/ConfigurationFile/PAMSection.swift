/// Login at this workstation: which account of the machine a person has, and what becomes of their screen when the card leaves.
package struct PAMSection: Hashable, Sendable {
    /// Names of accounts by national identifier.
    package let people: [String: String]
    /// For who is not named there: the name of the account, with `{rpps}` or `{national_id}` in it.
    package let rule: String?
    /// Or a program that is given the national identifier as its last argument and prints the name of the account.
    package let command: [String]?
    /// Accounts with lower numbers are the machine's own: no card leads to them.
    package let leastUID: UInt32
    package let onRemoval: Removal
    /// Seconds between the end of the card's session and that.
    package let grace: Int64

    /// What the programs of the seat do once the card is out.
    package enum Removal: String, Hashable, Sendable, CaseIterable {
        case lock, logout, nothing
    }

    /// Whether any person has an account.
    package var namesAccounts: Bool { !people.isEmpty || rule != nil || command != nil }
}
