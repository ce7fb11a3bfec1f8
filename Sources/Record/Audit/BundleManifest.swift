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

    static let byteLimit = 65_536
    private static let version: Int64 = 1

    /// The manifest for `range` of the tree of `size` leaves; the nodes are read from `nodes`.
    package init<Nodes: NodeReader>(range: ClosedRange<UInt64>, size: UInt64, nodes: Nodes) throws {
        guard range.upperBound < size else { throw ProofRangeError() }
        self.range = range
        self.size = size
        root = try MerkleProver(nodes: nodes).root(size: size)
        before = try completeNodes(covering: 0..<range.lowerBound).map { try nodes.node(level: $0.level, index: $0.index) }
        after = try completeNodes(covering: range.upperBound + 1..<size).map { try nodes.node(level: $0.level, index: $0.index) }
    }

    /// Canonical JSON and a newline.
    package var bytes: [UInt8] {
        let nodes: JSON = ["before": .array(before.map(Self.text)), "after": .array(after.map(Self.text))]
        return JSON.members([
            "v": .int(Self.version),
            "first": .int(Int64(clamping: range.lowerBound)),
            "last": .int(Int64(clamping: range.upperBound)),
            "size": .int(Int64(clamping: size)),
            "root": Self.text(root),
            "nodes": before.isEmpty && after.isEmpty ? nil : nodes,
        ]).canonical + [0x0A]
    }

    private static func text(_ hash: MerkleHash) -> JSON { .string(StandardBase64.encode(hash.bytes)) }

    /// Reads what another program may have written; members that are not known are ignored.
    package init(_ bytes: [UInt8]) throws(BundleError) {
        guard let json = try? JSONDecoder().decode(JSON.self, from: Data(bytes)), json["v"]?.int == Self.version,
            let first = Self.number(json["first"]), let last = Self.number(json["last"]), let size = Self.number(json["size"]),
            first <= last, last < size, let root = Self.hash(json["root"]),
            let before = Self.hashes(json["nodes"]?["before"]), before.count == completeNodes(covering: 0..<first).count,
            let after = Self.hashes(json["nodes"]?["after"]), after.count == completeNodes(covering: last + 1..<size).count
        else { throw .malformedManifest }
        range = first...last
        self.size = size
        self.root = root
        self.before = before
        self.after = after
    }

    private static func number(_ value: JSON?) -> UInt64? {
        guard let number = value?.int, (0...(1 << 53)).contains(number) else { return nil }
        return UInt64(number)
    }

    private static func hash(_ value: JSON?) -> MerkleHash? { value?.string.flatMap(StandardBase64.decode).flatMap { MerkleHash($0) } }

    private static func hashes(_ value: JSON?) -> [MerkleHash]? {
        guard let value else { return [] }
        guard let texts = value.array else { return nil }
        let hashes = texts.compactMap(hash)
        return hashes.count == texts.count ? hashes : nil
    }
}
