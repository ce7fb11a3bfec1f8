/// Names of users of this machine.
package enum UserName {
    /// Longest name, in bytes (LOGIN_NAME_MAX of Linux, its end left out).
    private static let limit = 255

    /// Whether a text can be the name of a user, local or of a domain: visible ASCII without what ends or splits fields of `passwd`, is
    /// taken for a path, or begins an option.
    package static func isValid(_ text: String) -> Bool {
        (1...limit).contains(text.utf8.count) && text.isVisible && text.first != "-"
            && !text.contains { $0 == ":" || $0 == "/" || $0 == "," }
    }
}
