import Audit

/// The tree as RFC 9162 §2.1 defines it, by plain recursion: slow and easy to believe.
struct NaiveTree: NodeReader {
    struct Absent: Error {}

    let leaves: [[UInt8]]

    /// A tree of `size` different leaves.
    init(size: Int) { leaves = (0..<size).map { Array("leaf \($0)".utf8) } }

    func root(_ range: Range<Int>) -> MerkleHash {
        switch range.count {
        case 0: return .emptyTree
        case 1: return .leaf(leaves[range.lowerBound])
        default:
            let middle = range.lowerBound + split(range.count)
            return .node(root(range.lowerBound..<middle), root(middle..<range.upperBound))
        }
    }

    /// PATH(m, D_n).
    func path(_ index: Int, _ range: Range<Int>) -> [MerkleHash] {
        if range.count <= 1 { return [] }
        let middle = range.lowerBound + split(range.count)
        let left = range.lowerBound..<middle
        let right = middle..<range.upperBound
        return index < middle ? path(index, left) + [root(right)] : path(index, right) + [root(left)]
    }

    /// SUBPROOF(m, D_n, b).
    func subproof(_ first: Int, _ range: Range<Int>, _ whole: Bool) -> [MerkleHash] {
        if first == range.upperBound { return whole ? [] : [root(range)] }
        let middle = range.lowerBound + split(range.count)
        let left = range.lowerBound..<middle
        let right = middle..<range.upperBound
        return first <= middle ? subproof(first, left, whole) + [root(right)] : subproof(first, right, false) + [root(left)]
    }

    func node(level: Int, index: UInt64) throws(Absent) -> MerkleHash {
        let start = Int(index) << level
        guard start + (1 << level) <= leaves.count else { throw Absent() }
        return root(start..<start + (1 << level))
    }

    private func split(_ count: Int) -> Int {
        var power = 1
        while power * 2 < count { power *= 2 }
        return power
    }
}
