package import Identity
package import Primitives
package import Sessions

/// Which account of this machine a person has. Unknown is refused, and nothing is ever created.
package struct LocalAccounts: Sendable {
    /// How the accounts of people are named.
    package struct Names: Hashable, Sendable {
        let people: [String: String]
        let rule: String?
        let asksProgram: Bool
        let leastUID: UInt32

        /// - Parameters:
        ///   - people: names of accounts by national identifier; they go before all else.
        ///   - rule: a name with `{rpps}` or `{national_id}` in it.
        ///   - asksProgram: whether the establishment's own program knows the others.
        ///   - leastUID: accounts with lower numbers are the machine's own.
        package init(people: [String: String], rule: String?, asksProgram: Bool, leastUID: UInt32) {
            self.people = people
            self.rule = rule
            self.asksProgram = asksProgram
            self.leastUID = leastUID
        }
    }

    private let names: Names
    private let users: (any UserDatabase)?

    package init(_ names: Names, users: any UserDatabase) {
        self.names = names
        self.users = users
    }

    private init() {
        names = Names(people: [:], rule: nil, asksProgram: false, leastUID: .max)
        users = nil
    }

    /// Nobody has an account.
    package static let none = LocalAccounts()

    /// The account that a person is to be logged in for.
    ///
    /// - Returns: `nil` where no account was asked for.
    package func account(
        _ wish: AccountWish?, of holder: Holder, by caller: Caller, _ token: TokenRequest?
    ) async throws(Refusal) -> LocalAccount? {
        guard let wish else { return nil }
        let account = try await account(of: holder)
        // That there is such an account is told only to who holds a card, and of their own.
        if case .named(let name) = wish, name != account.name { throw Refusal(.localAccountMismatch) }
        try caller.checkLogin(for: account.uid, token)
        return account
    }

    private func account(of holder: Holder) async throws(Refusal) -> LocalAccount {
        let (name, uid): (String?, UInt32?)
        do throws(UserDatabaseFailure) {
            name = try await self.name(of: holder).flatMap { UserName.isValid($0) ? $0 : nil }
            uid = if let name { try await users?.uid(of: name) } else { nil }
        } catch {
            throw Refusal(.localAccountUnavailable, ["detail": .string(error.reason)])
        }
        guard let name else { throw Refusal(.localAccountUnmapped) }
        guard let uid, uid >= names.leastUID, uid != 0 else { throw Refusal(.localAccountMissing) }
        return LocalAccount(name: name, uid: uid)
    }

    private func name(of holder: Holder) async throws(UserDatabaseFailure) -> String? {
        let id = holder.nationalID.text
        if let name = names.people[id] { return name }
        if let rule = names.rule {
            // Who has no RPPS number has no account by a rule that is made of it.
            guard holder.rpps != nil || !rule.contains("{rpps}") else { return nil }
            return rule.replacing("{rpps}", with: holder.rpps ?? "").replacing("{national_id}", with: id)
        }
        return names.asksProgram ? try await users?.account(of: id) : nil
    }
}
