internal import COpenSSL

/// SHA-256 of bytes that come in pieces (FIPS 180-4 §6.2), with a state between them that can be kept and taken up again.
package struct KeptDigest: Hashable, Sendable {
    /// Chaining value, then the bytes that do not fill a block yet.
    package private(set) var state: [UInt8]
    package private(set) var count: UInt64

    private static let block = 64
    private static let chaining = 32
    private static let initial: [UInt32] = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
    ]

    package init() {
        state = Self.bytes(Self.initial)
        count = 0
    }

    /// One that was kept; `nil` when it cannot be one.
    package init?(state: [UInt8], count: UInt64) {
        guard state.count == Self.chaining + Int(count % UInt64(Self.block)) else { return nil }
        self.state = state
        self.count = count
    }

    package mutating func update(_ bytes: [UInt8]) {
        let pending = state[Self.chaining...] + bytes
        let whole = pending.count / Self.block * Self.block
        var words = Self.words(state)
        Array(pending.prefix(whole)).withUnsafeBufferPointer { blocks in shim_sha256_advance(&words, blocks.baseAddress, blocks.count) }
        state = Self.bytes(words) + pending.dropFirst(whole)
        count += UInt64(bytes.count)
    }

    /// The digest of all that came.
    package var digest: [UInt8]? {
        let blocks = count / UInt64(Self.block) * UInt64(Self.block)
        return ResumedHash.sha256.digest(
            resuming: Array(state.prefix(Self.chaining)), after: blocks * 8, last: Array(state.dropFirst(Self.chaining)))
    }

    private static func bytes(_ words: [UInt32]) -> [UInt8] {
        words.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
    }

    private static func words(_ state: [UInt8]) -> [UInt32] {
        stride(from: 0, to: chaining, by: 4).map { start in state[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    }
}
