internal import COpenSSL

/// A hash whose first blocks were computed elsewhere (FIPS 180-4 §6): what a card finishes after a partial hash on the host.
package enum ResumedHash: Sendable {
    case sha1
    case sha256

    /// Bytes of the chaining value and of the digest.
    package var length: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// The digest of a message whose first `bits` bits led to the chaining value `state` and whose rest is `last`.
    ///
    /// `nil` when `state` has another length, or `bits` is not a whole number of 64-byte blocks.
    package func digest(resuming state: [UInt8], after bits: UInt64, last: [UInt8]) -> [UInt8]? {
        guard state.count == length, bits % 512 == 0 else { return nil }
        let words: [UInt32] = stride(from: 0, to: state.count, by: 4).map { start in
            state[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        var digest = [UInt8](repeating: 0, count: length)
        let done =
            switch self {
            case .sha1: shim_sha1_resume(words, bits, last, last.count, &digest)
            case .sha256: shim_sha256_resume(words, bits, last, last.count, &digest)
            }
        return done == 1 ? digest : nil
    }

    /// The digest of a whole message.
    package func digest(_ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: length)
        switch self {
        case .sha1: SHA1(message, message.count, &digest)
        case .sha256: SHA256(message, message.count, &digest)
        }
        return digest
    }
}
