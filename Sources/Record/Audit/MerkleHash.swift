import Crypto
import Primitives

/// A hash of the tree: 32 bytes of SHA-256.
package struct MerkleHash: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32

    // Held inline, so that a frontier or a proof is one allocation.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// `nil` unless there are exactly 32 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    private init(_ digest: SHA256.Digest) {
        digest.withUnsafeBytes { source in
            withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: source) }
        }
    }

    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Lower-case hexadecimal.
    package var description: String { Hex.encode(bytes) }

    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    package static func == (left: MerkleHash, right: MerkleHash) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) { withUnsafeBytes { hasher.combine(bytes: $0) } }
}

extension MerkleHash {
    /// The hash of a tree without leaves: SHA-256 of nothing (RFC 9162 §2.1.1).
    package static let emptyTree = MerkleHash(SHA256.hash(data: [UInt8]()))

    /// The hash of a leaf: SHA-256(0x00 || leaf) (RFC 9162 §2.1.1).
    package static func leaf(_ leaf: UnsafeRawBufferPointer) -> MerkleHash {
        var hash = SHA256()
        withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { prefix in
            prefix[0] = 0
            hash.update(bufferPointer: UnsafeRawBufferPointer(prefix))
        }
        hash.update(bufferPointer: leaf)
        return MerkleHash(hash.finalize())
    }

    package static func leaf(_ bytes: [UInt8]) -> MerkleHash { bytes.withUnsafeBytes { leaf($0) } }

    /// The hash of an inner node: SHA-256(0x01 || left || right) (RFC 9162 §2.1.1).
    package static func node(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * byteCount, alignment: 1) { buffer in
            buffer[0] = 1
            left.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1...32]).copyMemory(from: $0) }
            right.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[33...64]).copyMemory(from: $0) }
            var hash = SHA256()
            hash.update(bufferPointer: UnsafeRawBufferPointer(buffer))
            return MerkleHash(hash.finalize())
        }
    }
}
