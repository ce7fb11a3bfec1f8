import Audit
import Primitives
import Testing

struct MerkleTests {
    @Test func hashesAreThoseOfTheStandard() throws {
        #expect(MerkleHash.leaf(Array("a".utf8)).description == "022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c")
        #expect(MerkleHash.emptyTree.description == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var tree = MerkleFrontier()
        for letter in ["a", "b", "c"] { tree.append(.leaf(Array(letter.utf8))) }
        #expect(tree.root.description == "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1")
    }

    @Test func hashIsExactly32Bytes() {
        let bytes = [UInt8](0..<32)
        #expect(MerkleHash(bytes)?.bytes == bytes)
        #expect(MerkleHash(bytes.dropLast()) == nil)
        #expect(MerkleHash(bytes + [0]) == nil)
        #expect(MerkleHash(bytes) != MerkleHash([UInt8](1..<33)))
    }

    @Test func frontierHasTheRootOfTheNaiveTreeAtEachSize() {
        let naive = NaiveTree(size: 130)
        var tree = MerkleFrontier()
        #expect(tree.root == .emptyTree)
        for size in 1...130 {
            tree.append(.leaf(naive.leaves[size - 1]))
            #expect(tree.size == UInt64(size))
            #expect(tree.root == naive.root(0..<size))
        }
    }

    @Test func appendingGivesEachCompleteNodeOnce() throws {
        let naive = NaiveTree(size: 100)
        var nodes: Set<MerkleNode> = []
        var count = 0
        var tree = MerkleFrontier()
        for leaf in naive.leaves {
            tree.append(.leaf(leaf)) { node in
                nodes.insert(node)
                count += 1
            }
        }
        let expected = (0...6).flatMap { level in (0..<(100 >> level)).map { (level, UInt64($0)) } }
        #expect(count == expected.count)
        for (level, index) in expected {
            #expect(nodes.contains(MerkleNode(level: level, index: index, hash: try naive.node(level: level, index: index))))
        }
    }

    @Test func frontierIsRebuiltFromStoredNodes() throws {
        let naive = NaiveTree(size: 70)
        for size in 0...69 {
            var tree = try MerkleProver(nodes: naive).frontier(size: UInt64(size))
            #expect(tree.root == naive.root(0..<size))
            tree.append(.leaf(naive.leaves[size]))
            #expect(tree.root == naive.root(0..<size + 1))
        }
        #expect(MerkleFrontier(size: 3, peaks: [.emptyTree]) == nil)
    }

    @Test func subtreesJoinToTheSameRoot() throws {
        let naive = NaiveTree(size: 67)
        for first in 0..<67 {
            var tree = try MerkleProver(nodes: naive).frontier(size: UInt64(first))
            for part in completeNodes(covering: UInt64(first)..<67) {
                let joined = tree.append(subtree: try naive.node(level: part.level, index: part.index), level: part.level)
                #expect(joined)
            }
            #expect(tree.size == 67)
            #expect(tree.root == naive.root(0..<67))
        }
    }

    @Test func subtreeThatCannotBeginHereIsRefused() {
        var tree = MerkleFrontier()
        tree.append(.emptyTree)
        for level in [1, 64, -1] {
            let joined = tree.append(subtree: .emptyTree, level: level)
            #expect(!joined)
        }
        #expect(tree.size == 1)
    }

    @Test func hugeRangesAreCovered() {
        #expect(completeNodes(covering: 0..<UInt64.max).count == 64)
        #expect(completeNodes(covering: 5..<5).isEmpty)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 127, 128, 129])
    func inclusionProofsAreThoseOfTheStandardAndVerify(size: Int) throws {
        let naive = NaiveTree(size: size)
        let prover = MerkleProver(nodes: naive)
        let root = naive.root(0..<size)
        for index in 0..<size {
            let proof = try prover.inclusion(of: UInt64(index), size: UInt64(size))
            #expect(proof == naive.path(index, 0..<size))
            let leaf = MerkleHash.leaf(naive.leaves[index])
            func verifies(_ leaf: MerkleHash, _ index: Int, _ size: Int, _ proof: [MerkleHash]) -> Bool {
                MerkleVerification.inclusion(of: leaf, at: UInt64(index), size: UInt64(size), root: root, proof: proof)
            }
            #expect(verifies(leaf, index, size, proof))
            #expect(!verifies(.emptyTree, index, size, proof))
            #expect(!verifies(leaf, index, size, proof + [root]))
            #expect(!verifies(leaf, size, size, proof))
            if size > 1 {
                #expect(!verifies(leaf, index, size, Array(proof.dropLast())))
                #expect(!verifies(leaf, index, size, [.emptyTree] + proof.dropFirst()))
                #expect(!verifies(leaf, (index + 1) % size, size, proof))
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 129])
    func consistencyProofsAreThoseOfTheStandardAndVerify(size: Int) throws {
        let naive = NaiveTree(size: size)
        let prover = MerkleProver(nodes: naive)
        let root = naive.root(0..<size)
        for first in 1...size {
            let proof = try prover.consistency(from: UInt64(first), to: UInt64(size))
            #expect(proof == naive.subproof(first, 0..<size, true))
            let old = naive.root(0..<first)
            func verifies(_ old: MerkleHash, _ new: MerkleHash, _ proof: [MerkleHash]) -> Bool {
                MerkleVerification.consistency(from: UInt64(first), old, to: UInt64(size), new, proof: proof)
            }
            #expect(verifies(old, root, proof))
            #expect(!verifies(.emptyTree, root, proof))
            #expect(!verifies(old, .emptyTree, proof))
            #expect(!verifies(old, root, proof + [root]))
            if first < size {
                #expect(!verifies(old, root, Array(proof.dropLast())))
                #expect(!verifies(old, root, [.emptyTree] + proof.dropFirst()))
            }
        }
    }

    @Test func emptyTreeBeginsEveryTree() throws {
        let naive = NaiveTree(size: 3)
        #expect(try MerkleProver(nodes: naive).consistency(from: 0, to: 3).isEmpty)
        let root = naive.root(0..<3)
        #expect(MerkleVerification.consistency(from: 0, .emptyTree, to: 3, root, proof: []))
        #expect(!MerkleVerification.consistency(from: 0, root, to: 3, root, proof: []))
        #expect(!MerkleVerification.consistency(from: 0, .emptyTree, to: 0, root, proof: []))
        #expect(!MerkleVerification.consistency(from: 4, root, to: 3, root, proof: []))
    }

    @Test func leavesThatAreNotThereHaveNoProof() {
        let prover = MerkleProver(nodes: NaiveTree(size: 3))
        #expect(throws: ProofRangeError()) { try prover.inclusion(of: 3, size: 3) }
        #expect(throws: ProofRangeError()) { try prover.consistency(from: 4, to: 3) }
        #expect(throws: NaiveTree.Absent.self) { try prover.inclusion(of: 0, size: 1 << 40) }
    }
}
