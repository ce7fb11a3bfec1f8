import Audit
import Foundation

/// Up to 256 hashes of one level of the tree, as stored: one behind the other.
struct HashTile {
    /// How many hashes a full tile has.
    static let width: UInt64 = 256
    static let empty = HashTile()

    private(set) var bytes = Data()

    private init() {}

    init(_ bytes: Data) throws(StoreError) {
        guard bytes.count % MerkleHash.byteCount == 0, bytes.count <= Int(Self.width) * MerkleHash.byteCount else {
            throw .damaged("a tile of \(bytes.count) bytes")
        }
        self.bytes = bytes
    }

    init(_ hashes: some Sequence<MerkleHash>) {
        for hash in hashes { append(hash) }
    }

    var count: Int { bytes.count / MerkleHash.byteCount }

    /// `nil` beyond the last.
    func hash(at offset: Int) -> MerkleHash? {
        let start = offset * MerkleHash.byteCount
        guard start >= 0, start < bytes.count else { return nil }
        return bytes.withUnsafeBytes { MerkleHash(UnsafeRawBufferPointer(rebasing: $0[start..<start + MerkleHash.byteCount])) }
    }

    mutating func append(_ hash: MerkleHash) { hash.withUnsafeBytes { bytes.append(contentsOf: $0) } }
}
