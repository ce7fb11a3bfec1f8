package import Primitives

/// An account of this machine.
package struct LocalAccount: Hashable, Sendable {
    package let name: String
    package let uid: UInt32

    package init(name: String, uid: UInt32) {
        self.name = name
        self.uid = uid
    }

    package var json: JSON { ["name": .string(name), "uid": .int(Int64(uid))] }
}

/// For which account of this machine somebody wants to be logged in.
package enum AccountWish: Hashable, Sendable {
    /// For this one, if it is theirs.
    case named(String)
    /// For theirs, whichever it is.
    case own
}

/// Where accounts are known.
package protocol UserDatabase: Sendable {
    /// The number of a user; `nil` where there is none of that name.
    func uid(of name: String) async throws(UserDatabaseFailure) -> UInt32?

    /// The account of a person as the establishment's own program says it; `nil` where it knows none.
    ///
    /// - Parameter person: the national identifier.
    func account(of person: String) async throws(UserDatabaseFailure) -> String?
}

/// Why nobody could be looked up.
package struct UserDatabaseFailure: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
