internal import Crypto
internal import Primitives

/// What a secret text is found again by, without being kept.
enum Digest {
    /// SHA-256 in base64url.
    static func of(_ text: String) -> String { Base64URL.encode(Array(SHA256.hash(data: Array(text.utf8)))) }
}

/// Percent-encoding of a query value (RFC 3986 §2.1).
enum PercentCode {
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            let isUnreserved =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
            encoded += isUnreserved ? String(UnicodeScalar(byte)) : "%\(Hex.encode([byte]).uppercased())"
        }
        return encoded
    }
}
