/// Where the complete nodes of a tree are kept.
package protocol NodeReader<Failure> {
    associatedtype Failure: Error

    /// The hash of a complete node; one that is not there is an error.
    func node(level: Int, index: UInt64) throws(Failure) -> MerkleHash
}

/// A proof was asked for leaves that the tree does not have.
package struct ProofRangeError: Error, Hashable, Sendable {
    package init() {}
}

/// Makes proofs from stored complete nodes, reading O(log n) of them.
package struct MerkleProver<Nodes: NodeReader> {
    private let nodes: Nodes

    package init(nodes: Nodes) { self.nodes = nodes }

    /// The root of the first `size` leaves.
    package func root(size: UInt64) throws(Nodes.Failure) -> MerkleHash {
        size == 0 ? .emptyTree : try root(of: 0..<size)
    }

    /// The right edge of the tree of `size` leaves, to append to.
    package func frontier(size: UInt64) throws(Nodes.Failure) -> MerkleFrontier {
        var peaks: [MerkleHash] = []
        for (level, index) in completeNodes(covering: 0..<size) { peaks.append(try nodes.node(level: level, index: index)) }
        return MerkleFrontier(size: size, peaks: peaks) ?? MerkleFrontier()
    }

    /// PATH(m, D_n): that leaf `index` is in the tree of `size` leaves (RFC 9162 §2.1.3.1). Nearest the leaf first.
    package func inclusion(of index: UInt64, size: UInt64) throws -> [MerkleHash] {
        guard index < size else { throw ProofRangeError() }
        var siblings: [Range<UInt64>] = []
        var range = 0..<size
        while range.upperBound - range.lowerBound > 1 {
            let middle = split(range)
            let left = range.lowerBound..<middle
            let right = middle..<range.upperBound
            (range, siblings) = index < middle ? (left, siblings + [right]) : (right, siblings + [left])
        }
        return try siblings.reversed().map { try root(of: $0) }
    }

    /// PROOF(m, D_n): that the tree of `first` leaves is the beginning of the tree of `size` (RFC 9162 §2.1.4.1).
    ///
    /// Empty for `first` = 0 and for equal sizes.
    package func consistency(from first: UInt64, to size: UInt64) throws -> [MerkleHash] {
        guard first <= size else { throw ProofRangeError() }
        if first == 0 || first == size { return [] }
        var parts: [Range<UInt64>] = []
        var range = 0..<size
        while range.upperBound != first {
            let middle = split(range)
            let left = range.lowerBound..<middle
            let right = middle..<range.upperBound
            (range, parts) = first <= middle ? (left, parts + [right]) : (right, parts + [left])
        }
        if range.lowerBound > 0 { parts.append(range) }
        return try parts.reversed().map { try root(of: $0) }
    }

    /// The root of the subtree over `range`, which begins where such a subtree may begin.
    private func root(of range: Range<UInt64>) throws(Nodes.Failure) -> MerkleHash {
        var hash: MerkleHash?
        for (level, index) in completeNodes(covering: range).reversed() {
            let left = try nodes.node(level: level, index: index)
            hash = hash.map { MerkleHash.node(left, $0) } ?? left
        }
        return hash ?? .emptyTree
    }

    /// The largest power of two smaller than the number of leaves divides them (RFC 9162 §2.1.1).
    private func split(_ range: Range<UInt64>) -> UInt64 {
        let count = range.upperBound - range.lowerBound
        return range.lowerBound + 1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}
