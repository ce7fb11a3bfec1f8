package import Primitives

/// That a trace is in the tree of a checkpoint (RFC 9162 §2.1.3).
package struct InclusionProof: Hashable, Sendable {
    /// The number of the trace.
    package let seq: UInt64
    /// The hash of its leaf.
    package let leaf: MerkleHash
    /// The tree, by its number of leaves and its root.
    package let size: UInt64
    package let root: MerkleHash
    /// Nearest the leaf first.
    package let hashes: [MerkleHash]
    /// The signed checkpoint of that tree, where there is one.
    package let note: String?

    package init(seq: UInt64, leaf: MerkleHash, size: UInt64, root: MerkleHash, hashes: [MerkleHash], note: String?) {
        self.seq = seq
        self.leaf = leaf
        self.size = size
        self.root = root
        self.hashes = hashes
        self.note = note
    }

    /// The same proof under another note of the same tree; whether it is one is for the reader to check.
    package func signed(by note: String) -> InclusionProof {
        InclusionProof(seq: seq, leaf: leaf, size: size, root: root, hashes: hashes, note: note)
    }

    /// Whether the hashes lead from the leaf to the root. Who signed the root is another question.
    package var leadsToRoot: Bool { MerkleVerification.inclusion(of: leaf, at: seq, size: size, root: root, proof: hashes) }

    /// The form that other programs read (C2SP tlog-proof); `nil` without a signed checkpoint.
    package var text: String? {
        note.map { note in
            (["c2sp.org/tlog-proof@v1", "index \(seq)"] + hashes.map(\.base64)).map { $0 + "\n" }.joined() + "\n" + note
        }
    }

    package var json: JSON {
        [
            "seq": .int(Int64(clamping: seq)), "leaf": .string(leaf.base64), "size": .int(Int64(clamping: size)),
            "root": .string(root.base64), "hashes": .array(hashes.map { .string($0.base64) }), "checkpoint": note.map(JSON.string) ?? .null,
        ]
    }

    /// Reads what another program may have written; `nil` when it is no proof.
    package init?(_ json: JSON) {
        guard let seq = json["seq"]?.sequence, let leaf = json["leaf"]?.hash, let size = json["size"]?.sequence,
            let root = json["root"]?.hash, let hashes = json["hashes"]?.hashes
        else { return nil }
        self.init(seq: seq, leaf: leaf, size: size, root: root, hashes: hashes, note: json["checkpoint"]?.string)
    }
}

/// That an earlier tree is the beginning of a later one (RFC 9162 §2.1.4).
package struct ConsistencyProof: Hashable, Sendable {
    /// The earlier tree.
    package let from: UInt64
    package let fromRoot: MerkleHash
    /// The later tree.
    package let size: UInt64
    package let root: MerkleHash
    /// Empty from the empty tree, and between equal ones.
    package let hashes: [MerkleHash]
    /// The signed checkpoint of the later tree, where there is one.
    package let note: String?

    package init(from: UInt64, fromRoot: MerkleHash, size: UInt64, root: MerkleHash, hashes: [MerkleHash], note: String?) {
        self.from = from
        self.fromRoot = fromRoot
        self.size = size
        self.root = root
        self.hashes = hashes
        self.note = note
    }

    /// Whether it shows that a tree of ``from`` leaves with this root is the beginning of the later one.
    package func holds(for earlier: MerkleHash) -> Bool {
        MerkleVerification.consistency(from: from, earlier, to: size, root, proof: hashes)
    }

    package var json: JSON {
        [
            "from": .int(Int64(clamping: from)), "from_root": .string(fromRoot.base64), "size": .int(Int64(clamping: size)),
            "root": .string(root.base64), "hashes": .array(hashes.map { .string($0.base64) }), "checkpoint": note.map(JSON.string) ?? .null,
        ]
    }

    /// Reads what another program may have written; `nil` when it is no proof.
    package init?(_ json: JSON) {
        guard let from = json["from"]?.sequence, let fromRoot = json["from_root"]?.hash, let size = json["size"]?.sequence,
            let root = json["root"]?.hash, let hashes = json["hashes"]?.hashes
        else { return nil }
        self.init(from: from, fromRoot: fromRoot, size: size, root: root, hashes: hashes, note: json["checkpoint"]?.string)
    }
}

extension MerkleHash {
    /// Standard base64 with padding, as checkpoints write it.
    package var base64: String { StandardBase64.encode(bytes) }

    /// `nil` unless it is 32 bytes in standard base64.
    package init?(base64 text: some StringProtocol) {
        guard let bytes = StandardBase64.decode(text) else { return nil }
        self.init(bytes)
    }
}

extension JSON {
    /// A number of traces: whole, not negative, at most 2^53.
    var sequence: UInt64? {
        guard let number = int, (0...(1 << 53)).contains(number) else { return nil }
        return UInt64(number)
    }

    var hash: MerkleHash? { string.flatMap { MerkleHash(base64: $0) } }

    /// A list of hashes, all of them good.
    var hashes: [MerkleHash]? {
        guard let texts = array else { return nil }
        let hashes = texts.compactMap(\.hash)
        return hashes.count == texts.count ? hashes : nil
    }
}
