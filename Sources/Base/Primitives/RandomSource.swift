/// Unpredictable bytes, as one thing that tests can replace.
package protocol RandomSource: Sendable {
    func bytes(_ count: Int) -> [UInt8]
}

/// The kernel's generator (getrandom), through the standard library.
package struct SystemRandom: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

extension RandomSource {
    /// An id that cannot be guessed and is never used twice: 128 random bits in base64url.
    package func opaqueID() -> String { Base64URL.encode(bytes(16)) }
}
