import Crypto
import Primitives

/// A public key that notes are checked with: Ed25519 only (C2SP signed-note, type 0x01).
package struct NoteVerifier: Hashable, Sendable {
    package let name: String
    /// The first four bytes of SHA-256(name || 0x0A || 0x01 || key).
    package let keyID: [UInt8]
    /// 32 bytes (RFC 8032 §5.1.5).
    private let key: [UInt8]

    static let ed25519: UInt8 = 0x01

    init(name: String, key: [UInt8]) throws(NoteError) {
        guard NoteText.isName(name) else { throw .badName }
        guard key.count == 32 else { throw .malformedKey }
        self.name = name
        self.key = key
        keyID = Array(SHA256.hash(data: Array(name.utf8) + [0x0A, Self.ed25519] + key).prefix(4))
    }

    /// Reads `name+keyid+base64(0x01 || key)`; the key id has to be that of name and key.
    package init(vkey text: String) throws(NoteError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].utf8.count == 8, let identity = Hex.decode(parts[1]), identity.count == 4,
            let encoded = StandardBase64.decode(parts[2]), encoded.first == Self.ed25519
        else { throw .malformedKey }
        try self.init(name: String(parts[0]), key: Array(encoded.dropFirst()))
        guard identity == keyID else { throw .malformedKey }
    }

    /// The text form that ``init(vkey:)`` reads.
    package var vkey: String { "\(name)+\(Hex.encode(keyID))+\(StandardBase64.encode([Self.ed25519] + key))" }

    /// Whether `signature` (RFC 8032 §5.1.6) of this key is over exactly `text`.
    func verifies(_ signature: [UInt8], text: String) -> Bool {
        guard signature.count == 64, let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else { return false }
        return publicKey.isValidSignature(signature, for: Array(text.utf8))
    }
}
