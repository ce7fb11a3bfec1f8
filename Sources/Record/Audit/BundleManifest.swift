import FoundationEssentials
import Primitives

/// The names inside an export folder.
enum BundleFile {
    static let entries = "entries.jsonl"
    static let checkpoint = "checkpoint"
    static let key = "log.vkey"
    static let manifest = "manifest.json"
    static let timestamps = "timestamps"
}

/// What an export says of itself: which leaves of which tree, and the nodes that join them to its root.
package struct BundleManifest: Hashable, Sendable {
    /// The leaves that are there, both included.
    package let range: ClosedRange<UInt64>
    /// The tree that the checkpoint signs.
    package let size: UInt64
    package let root: MerkleHash
    /// Roots of the complete subtrees before and after the range, left to right.
    package let before: [MerkleHash]
    package let after: [MerkleHash]
    /// Signed notes in which each key of the log vouches for the next (``KeyEndorsement``), oldest first.
    package let endorsements: [String]

    static let byteLimit = 65_536
    private static let version: Int64 = 1

    /// The manifest for `range` of the tree of `size` leaves; the nodes are read from `nodes`.
    package init<Nodes: NodeReader>(
        range: ClosedRange<UInt64>, size: UInt64, nodes: Nodes, endorsements: [String] = []
    ) throws {
        self.endorsements = endorsements
        guard range.upperBound < size else { throw ProofRangeError() }
        self.range = range
        self.size = size
        root = try MerkleProver(nodes: nodes).root(size: size)
        before = try completeNodes(covering: 0..<range.lowerBound).map { try nodes.node(level: $0.level, index: $0.index) }
        after = try completeNodes(covering: range.upperBound + 1..<size).map { try nodes.node(level: $0.level, index: $0.index) }
    }

    /// Canonical JSON and a newline.
    package var bytes: [UInt8] {
        let nodes: JSON = ["before": .array(before.map { .string($0.base64) }), "after": .array(after.map { .string($0.base64) })]
        return JSON.members([
            "v": .int(Self.version),
            "first": .int(Int64(clamping: range.lowerBound)),
            "last": .int(Int64(clamping: range.upperBound)),
            "size": .int(Int64(clamping: size)),
            "root": .string(root.base64),
            "keys": endorsements.isEmpty ? nil : .array(endorsements.map(JSON.string)),
            "nodes": before.isEmpty && after.isEmpty ? nil : nodes,
        ]).canonical + [0x0A]
    }

    /// Reads what another program may have written; members that are not known are ignored.
    package init(_ bytes: [UInt8]) throws(BundleError) {
        guard let json = try? JSONDecoder().decode(JSON.self, from: Data(bytes)), json["v"]?.int == Self.version,
            let first = json["first"]?.sequence, let last = json["last"]?.sequence, let size = json["size"]?.sequence,
            first <= last, last < size, let root = json["root"]?.hash,
            let before = (json["nodes"]?["before"] ?? []).hashes, before.count == completeNodes(covering: 0..<first).count,
            let after = (json["nodes"]?["after"] ?? []).hashes, after.count == completeNodes(covering: last + 1..<size).count
        else { throw .malformedManifest }
        range = first...last
        self.size = size
        self.root = root
        self.before = before
        self.after = after
        endorsements = (json["keys"]?.array ?? []).compactMap(\.string)
    }
}
