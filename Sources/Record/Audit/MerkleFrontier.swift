/// The right edge of a growing tree (RFC 9162 §2.1): enough to append leaves and to give the root, O(log n) hashes.
package struct MerkleFrontier: Hashable, Sendable {
    /// How many leaves the tree has.
    package private(set) var size: UInt64 = 0
    /// Roots of the complete subtrees that the tree is made of, largest first: one for each set bit of `size`.
    private var peaks: [MerkleHash] = []

    /// The tree without leaves.
    package init() {}

    /// The tree of `size` leaves whose complete subtrees, left to right, have the roots `peaks`.
    ///
    /// `nil` unless there is one for each set bit of `size`.
    package init?(size: UInt64, peaks: [MerkleHash]) {
        guard peaks.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.peaks = peaks
    }

    /// Appends a leaf by its hash, and gives each node that is now complete, the leaf itself first.
    package mutating func append<Failure: Error>(
        _ leaf: MerkleHash, completed: (MerkleNode) throws(Failure) -> Void
    ) throws(Failure) {
        try append(subtree: leaf, level: 0, completed: completed)
    }

    package mutating func append(_ leaf: MerkleHash) { append(subtree: leaf, level: 0) { _ in } }

    /// Appends a complete subtree of 2^`level` leaves.
    ///
    /// - Returns: false, and changes nothing, when such a subtree cannot begin at this size.
    package mutating func append(subtree: MerkleHash, level: Int) -> Bool {
        guard (0..<63).contains(level), size & ((1 << UInt64(level)) - 1) == 0, size < 1 << 62 else { return false }
        append(subtree: subtree, level: level) { _ in }
        return true
    }

    private mutating func append<Failure: Error>(
        subtree: MerkleHash, level: Int, completed: (MerkleNode) throws(Failure) -> Void
    ) throws(Failure) {
        var level = level
        var hash = subtree
        var index = size >> UInt64(level)
        try completed(MerkleNode(level: level, index: index, hash: hash))
        size += 1 << UInt64(level)
        while index & 1 == 1, let left = peaks.popLast() {
            hash = .node(left, hash)
            level += 1
            index >>= 1
            try completed(MerkleNode(level: level, index: index, hash: hash))
        }
        peaks.append(hash)
    }

    /// The root of the tree as it is (RFC 9162 §2.1.1).
    package var root: MerkleHash {
        guard var hash = peaks.last else { return .emptyTree }
        for left in peaks.dropLast().reversed() { hash = .node(left, hash) }
        return hash
    }
}
