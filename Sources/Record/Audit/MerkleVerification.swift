/// Checks of proofs that come from outside; none trusts the length of what it is given.
package enum MerkleVerification {
    /// Whether `proof` shows that `leaf` is number `index` in the tree of `size` leaves with `root` (RFC 9162 §2.1.3.2).
    package static func inclusion(
        of leaf: MerkleHash, at index: UInt64, size: UInt64, root: MerkleHash, proof: [MerkleHash]
    ) -> Bool {
        guard index < size else { return false }
        var node = index
        var last = size - 1
        var hash = leaf
        for sibling in proof {
            if last == 0 { return false }
            if node & 1 == 1 || node == last {
                hash = .node(sibling, hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = .node(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether `proof` shows that the tree of `first` leaves with `firstRoot` is the beginning of the tree of `size` leaves with
    /// `root` (RFC 9162 §2.1.4.2). The empty tree is the beginning of every tree.
    package static func consistency(
        from first: UInt64, _ firstRoot: MerkleHash, to size: UInt64, _ root: MerkleHash, proof: [MerkleHash]
    ) -> Bool {
        if first == 0 { return proof.isEmpty && firstRoot == .emptyTree && (size > 0 || root == .emptyTree) }
        if first == size { return proof.isEmpty && firstRoot == root }
        guard first < size else { return false }
        var path = proof[...]
        if first.nonzeroBitCount == 1 { path = [firstRoot] + path }
        guard let start = path.popFirst() else { return false }
        var node = first - 1
        var last = size - 1
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        var oldHash = start
        var newHash = start
        for sibling in path {
            if last == 0 { return false }
            if node & 1 == 1 || node == last {
                oldHash = .node(sibling, oldHash)
                newHash = .node(sibling, newHash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                newHash = .node(newHash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && oldHash == firstRoot && newHash == root
    }
}
