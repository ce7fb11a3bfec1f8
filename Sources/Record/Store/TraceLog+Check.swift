import Audit
import Foundation
import GRDB

extension TraceLog {
    /// Reads every trace, computes the tree again and compares it with the stored nodes, the head and the checkpoints.
    ///
    /// Flat memory: one short read after the other, so that writing goes on.
    ///
    /// - Parameter progress: is told now and then how many of how many traces are done.
    /// - Throws: ``LogDamage`` for the first thing found, ``StoreError``, or `CancellationError`.
    package func check(
        progress: @escaping @Sendable (_ done: UInt64, _ of: UInt64) -> Void = { _, _ in }
    ) async throws -> LogCheck {
        let head = self.head
        let latest = try await latestCheckpoint()
        let keys = try await reading { try LogKeyring.known($0) }.map(\.verifier) + [signer.verifier]
        let checkpoint = try latest.map { note throws(LogDamage) in try Self.opened(note, keys) }
        if let checkpoint, checkpoint.size > head.size { throw LogDamage.cutShort(size: head.size, signed: checkpoint.size) }
        let dropped = try await droppedRanges()
        return try await runApart { stop in
            var recomputation = Recomputation(size: head.size, dropped: dropped)
            while recomputation.tree.size < head.size {
                try stop.check()
                let end = min(recomputation.tree.size + Self.checkedAtOnce, head.size)
                recomputation = try self.store.pool.read { [recomputation] db in
                    var next = recomputation
                    try next.advance(to: end, db)
                    return next
                }
                progress(end, head.size)
            }
            guard recomputation.tree.root == head.root else {
                throw LogDamage.rewritten(first: recomputation.agreed, last: head.size - 1)
            }
            return LogCheck(head: head, checkpoint: checkpoint)
        }
    }

    private static let checkedAtOnce: UInt64 = 4_096

    private static func opened(_ note: String, _ keys: [NoteVerifier]) throws(LogDamage) -> Checkpoint {
        do { return try Checkpoint(note: Array(note.utf8), verifiedBy: keys) } catch { throw .checkpoint(error) }
    }
}

/// The tree as computed again from the stored traces so far.
private struct Recomputation: Sendable {
    var tree = MerkleFrontier()
    /// How many leaves the log has.
    let size: UInt64
    /// What the log itself says is gone. Those traces are checked like all others, so nobody can add to it unseen.
    let dropped: DroppedRanges
    /// The size of the last checkpoint that agreed.
    var agreed: UInt64 = 0

    /// Goes on to the tree of `end` leaves.
    mutating func advance(to end: UInt64, _ db: Database) throws {
        let bounds: StatementArguments = [Int64(clamping: tree.size), Int64(clamping: end)]
        let traces = try Row.fetchCursor(
            db, sql: "SELECT seq, leaf, hash FROM traces WHERE seq >= ? AND seq < ? ORDER BY seq", arguments: bounds)
        var checkpoints = try String.fetchAll(
            db, sql: "SELECT note FROM checkpoints WHERE size > ? AND size <= ? ORDER BY size DESC", arguments: bounds)
        var stored = StoredTiles(db)
        var signed = try Self.next(&checkpoints)
        var trace = try traces.next()
        while tree.size < end {
            let sequence = tree.size
            let tiled = try stored.hash(0, sequence)
            if tiled == nil, sequence < size / HashTile.width * HashTile.width {
                throw LogDamage.node(level: 0, index: sequence, sequence: sequence)
            }
            let leaf: MerkleHash
            if let row = trace, row["seq"] == Int64(clamping: sequence) {
                leaf = try row.withUnsafeData(named: "leaf") { try Self.hash($0 ?? Data(), sequence) }
                let beside = try row.withUnsafeData(named: "hash") { $0.map { $0.withUnsafeBytes { MerkleHash($0) == leaf } } }
                guard tiled.map({ $0 == leaf }) ?? (beside != nil), beside ?? true else { throw LogDamage.altered(sequence: sequence) }
                trace = try traces.next()
            } else if dropped.contains(sequence), let tiled {
                leaf = tiled
            } else {
                throw LogDamage.missing(sequence: sequence)
            }
            try tree.append(leaf) { node in
                guard node.level > 0, node.level % TileTable.step == 0 else { return }
                guard try stored.hash(node.level / TileTable.step, node.index) == node.hash else {
                    throw LogDamage.node(level: node.level, index: node.index, sequence: sequence)
                }
            }
            while let checkpoint = signed, checkpoint.size == tree.size {
                guard checkpoint.root == tree.root else { throw LogDamage.rewritten(first: agreed, last: sequence) }
                agreed = checkpoint.size
                signed = try Self.next(&checkpoints)
            }
        }
    }

    private static func next(_ notes: inout [String]) throws -> Checkpoint? {
        do throws(NoteError) {
            guard let note = notes.popLast() else { return nil }
            return try Checkpoint(text: try SignedNote(note).text)
        } catch {
            throw LogDamage.checkpoint(error)
        }
    }

    private static func hash(_ leaf: Data, _ sequence: UInt64) throws -> MerkleHash {
        try leaf.withUnsafeBytes { bytes in
            do throws(TraceFault) {
                guard try TraceScanner.sequence(of: bytes) == sequence else { throw .wrongSequence }
                return .leaf(bytes)
            } catch {
                throw LogDamage.malformed(sequence: sequence, error)
            }
        }
    }
}

/// The stored hashes, looked at in the order in which the tree is computed: of each level one tile is held.
private struct StoredTiles {
    private struct Held {
        var index: UInt64?
        var tile = HashTile.empty
    }

    private let db: Database
    private var held = [Held](repeating: Held(), count: 64 / TileTable.step)

    init(_ db: Database) { self.db = db }

    /// `nil` when that tile does not go so far.
    mutating func hash(_ tileLevel: Int, _ index: UInt64) throws -> MerkleHash? {
        let (tile, offset) = index.quotientAndRemainder(dividingBy: HashTile.width)
        if held[tileLevel].index != tile { held[tileLevel] = Held(index: tile, tile: try TileTable(db: db).tile(tileLevel, tile)) }
        return held[tileLevel].tile.hash(at: Int(offset))
    }
}
