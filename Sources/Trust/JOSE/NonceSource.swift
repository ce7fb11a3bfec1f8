internal import Crypto
internal import FoundationEssentials
package import Primitives

/// Nonces that a server asks for in proofs (RFC 9449 §8), so that none can be made in advance. Nothing is kept of them: each is a code
/// over the time, made with a key of this run, and good for its own window and the next one.
package struct NonceSource: Sendable {
    /// Seconds of one window.
    package static let window: Int64 = 120

    private let key: SymmetricKey
    private let time: any TimeSource

    package init(random: any RandomSource, time: any TimeSource) {
        key = SymmetricKey(data: random.bytes(32))
        self.time = time
    }

    /// The nonce of now, for the header `DPoP-Nonce`.
    package func current() -> String { Base64URL.encode(code(index)) }

    /// Whether it is the nonce of this window or of the one before.
    package func accepts(_ nonce: String) -> Bool {
        guard nonce.utf8.count <= 64, let given = Base64URL.decode(nonce) else { return false }
        let index = index
        return [index, index - 1].contains { HMAC<SHA256>.isValidAuthenticationCode(given, authenticating: message($0), using: key) }
    }

    private var index: Int64 { time.sinceBoot().components.seconds / Self.window }

    private func code(_ index: Int64) -> [UInt8] { Array(HMAC<SHA256>.authenticationCode(for: message(index), using: key)) }

    private func message(_ index: Int64) -> [UInt8] { withUnsafeBytes(of: index.bigEndian) { Array($0) } }
}
