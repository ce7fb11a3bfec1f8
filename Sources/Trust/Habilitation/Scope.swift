/// What a token allows: one scope-token of RFC 6749 §3.3.
package struct Scope: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// `nil` when empty, longer than 128 bytes, or holding a character that a scope may not.
    package init?(_ text: String) {
        let isClean = text.utf8.allSatisfy { $0 == 0x21 || (0x23...0x5B).contains($0) || (0x5D...0x7E).contains($0) }
        guard (1...128).contains(text.utf8.count), isClean else { return nil }
        self.text = text
    }

    private init(known text: String) { self.text = text }

    /// Know who the holder is.
    package static let identityRead = Scope(known: "identity:read")
    package static let recordRead = Scope(known: "record:read")
    package static let recordWrite = Scope(known: "record:write")
    /// Sign off what was entered.
    package static let recordValidate = Scope(known: "record:validate")
    /// Open a record that only a declared emergency opens.
    package static let recordEmergency = Scope(known: "record:emergency")
    package static let prescriptionWrite = Scope(known: "prescription:write")
    package static let dispensationWrite = Scope(known: "dispensation:write")
    /// See and end the sessions of all users of the machine.
    package static let sessionManage = Scope(known: "session:manage")
    package static let accountManage = Scope(known: "account:manage")
    /// Read the whole log.
    package static let auditRead = Scope(known: "audit:read")
    /// Let the bodies of old traces go, two persons together.
    package static let auditRetain = Scope(known: "audit:retain")
    package static let emergencyReview = Scope(known: "emergency:review")

    /// Scopes as a token carries them, a blank between them.
    package static func text(_ scopes: [Scope]) -> String { scopes.map(\.text).joined(separator: " ") }

    /// The scopes of such a text; `nil` when one of them is none.
    package static func list(_ text: String) -> [Scope]? {
        let parts = text.split(separator: " ").map { Scope(String($0)) }
        let scopes = parts.compactMap { $0 }
        return scopes.count == parts.count ? scopes : nil
    }

    package static func < (left: Scope, right: Scope) -> Bool { left.text < right.text }

    package var description: String { text }
}
