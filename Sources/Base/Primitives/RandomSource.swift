import Glibc

/// Unpredictable bytes, as one thing that tests can replace.
package protocol RandomSource: Sendable {
    func bytes(_ count: Int) -> [UInt8]
}

/// The kernel's generator (getentropy(3), 256 bytes a call).
package struct SystemRandom: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let start = buffer.baseAddress {
                let wanted = min(256, count - filled)
                // It cannot fail for such sizes but on a kernel without the call; then the library's generator serves.
                if getentropy(start + filled, wanted) != 0 {
                    var generator = SystemRandomNumberGenerator()
                    for index in filled..<(filled + wanted) { buffer[index] = UInt8.random(in: .min ... .max, using: &generator) }
                }
                filled += wanted
            }
        }
    }
}

extension RandomSource {
    /// An id that cannot be guessed and is never used twice: 128 random bits in base64url, or one less where it would begin with a hyphen
    /// and be an option to command lines.
    package func opaqueID() -> String {
        var value = bytes(16)
        if value[0] >> 2 == 0x3E { value[0] &= 0x7F }
        return Base64URL.encode(value)
    }
}
