import Crypto

/// The private key that the log's checkpoints are signed with; its name is the origin of the log.
package struct NoteSigner: Sendable {
    /// What others check its signatures with.
    package let verifier: NoteVerifier
    private let key: Curve25519.Signing.PrivateKey

    var seed: [UInt8] { Array(key.rawRepresentation) }

    /// - Parameter seed: the private key, 32 bytes (RFC 8032 §5.1.5).
    package init(name: String, seed: [UInt8]) throws(NoteError) {
        guard seed.count == 32, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { throw .malformedKey }
        self.key = key
        verifier = try NoteVerifier(name: name, key: Array(key.publicKey.rawRepresentation))
    }

    package var name: String { verifier.name }

    /// The signed note of `text`, which ends in a newline.
    package func note(_ text: String) throws(NoteError) -> String {
        guard NoteText.isSignable(text), let signature = try? key.signature(for: Array(text.utf8)) else { throw .badText }
        return "\(text)\n\u{2014} \(name) \(StandardBase64.encode(verifier.keyID + signature))\n"
    }

    package func note(_ checkpoint: Checkpoint) throws(NoteError) -> String { try note(checkpoint.text) }
}
