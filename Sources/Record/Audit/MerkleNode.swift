/// A complete node of the tree: the root of the 2^`level` leaves that begin at `index` × 2^`level`. Such a node never changes.
package struct MerkleNode: Hashable, Sendable {
    /// 0 for a leaf.
    package let level: Int
    package let index: UInt64
    package let hash: MerkleHash

    package init(level: Int, index: UInt64, hash: MerkleHash) {
        self.level = level
        self.index = index
        self.hash = hash
    }
}

/// The complete nodes that a range of leaves is made of, from left to right: the fewest there are.
///
/// - Returns: level and index of each; at most 2 × 64.
package func completeNodes(covering range: Range<UInt64>) -> [(level: Int, index: UInt64)] {
    var nodes: [(level: Int, index: UInt64)] = []
    var begin = range.lowerBound
    while begin < range.upperBound {
        let fitting = 63 - (range.upperBound - begin).leadingZeroBitCount
        let level = begin == 0 ? fitting : min(begin.trailingZeroBitCount, fitting)
        nodes.append((level, begin >> UInt64(level)))
        begin += 1 << UInt64(level)
    }
    return nodes
}
