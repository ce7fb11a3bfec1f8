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
    package static let prescriptionWrite = Scope(known: "prescription:write")
    package static let dispensationWrite = Scope(known: "dispensation:write")

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
