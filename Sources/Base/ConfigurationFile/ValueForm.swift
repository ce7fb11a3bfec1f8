internal import Primitives

/// Forms of single values: `nil` for a text of another form.
enum ValueForm {
    static let path = Text("un chemin absolu", "an absolute path")
    static let line = Text("une ligne de texte d'au plus 256 octets", "a line of text of at most 256 bytes")
    static let name = Text(
        "un nom de 1 à 64 lettres, chiffres, points, traits d'union et soulignés",
        "a name of 1 to 64 letters, digits, dots, hyphens and underscores")

    /// Without a final slash; no `..`, so that what is configured is what is meant.
    static func path(_ text: String) -> String? {
        var path = text
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let isClean = path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard path.hasPrefix("/"), path.utf8.count <= 4095, isClean, !path.split(separator: "/").contains("..") else { return nil }
        return path
    }

    /// Longest path that a Unix socket address holds (unix(7)).
    static let longestSocketPath = 107

    static func socketPath(_ text: String) -> String? { path(text).flatMap { $0.utf8.count <= longestSocketPath ? $0 : nil } }

    static func name(_ text: String) -> String? {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }) else {
            return nil
        }
        return text
    }

    static func line(_ text: String) -> String? {
        let isClean = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
            default: true
            }
        }
        return (1...256).contains(text.utf8.count) && isClean ? text : nil
    }

    static func mode(_ text: String) -> UInt32? {
        guard (3...4).contains(text.utf8.count), let mode = UInt32(text, radix: 8), mode <= 0o777 else { return nil }
        return mode
    }

    /// `https://host[:port]`, lower case, without path, query and fragment, so that two spellings never name one issuer.
    static func origin(_ text: String) -> String? {
        let scheme = "https://"
        guard text.hasPrefix(scheme) else { return nil }
        let parts = text.dropFirst(scheme.count).split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let host = parts.first, (1...253).contains(host.utf8.count), host == host.lowercased(),
            host.utf8.allSatisfy({ isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E }), host.first != ".", host.last != "."
        else { return nil }
        if parts.count == 2 {
            guard let port = UInt16(parts[1]), port > 0, String(port) == parts[1] else { return nil }
        }
        return text
    }

    /// Name of a signed note's key: neither blank nor plus sign (C2SP signed-note).
    static func logOrigin(_ text: String) -> String? {
        guard (1...128).contains(text.utf8.count), text.isVisible, !text.contains("+") else { return nil }
        return text
    }

    /// Name of a systemd unit that programs run in, `user/` before it for one of a user's own manager (systemd.unit(5)).
    static func unit(_ text: String) -> String? {
        let name = text.hasPrefix("user/") ? text.dropFirst(5) : text[...]
        let isPlain = name.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x3A, 0x40, 0x5C, 0x5F].contains($0) }
        guard name.utf8.count <= 255, isPlain, name.hasSuffix(".service") || name.hasSuffix(".scope"), name.first != "." else { return nil }
        return text
    }

    static func userName(_ text: String) -> String? { UserName.isValid(text) ? text : nil }

    /// The name of an account with one placeholder at least: without, everybody would have the same.
    static func accountRule(_ text: String) -> String? {
        let plain = text.replacing("{rpps}", with: "1").replacing("{national_id}", with: "1")
        return plain != text && UserName.isValid(plain) && !plain.contains { $0 == "{" || $0 == "}" } ? text : nil
    }

    /// Of a program.
    static func argument(_ text: String) -> String? { (1...4095).contains(text.utf8.count) && !text.utf8.contains(0) ? text : nil }

    /// Name of a system unit; `*` after an `@` stands for every instance of a template.
    static func unitPattern(_ text: String) -> String? {
        let plain = text.replacing("@*.", with: "@1.")
        return unit(plain) == nil || plain.hasPrefix("user/") ? nil : text
    }

    static func sha256(_ text: String) -> String? {
        Hex.isSHA256(text) ? text : nil
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
