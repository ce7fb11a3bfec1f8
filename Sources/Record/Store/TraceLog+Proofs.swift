package import Audit
import GRDB

extension TraceLog {
    /// That trace `seq` is in the log of `size` traces; `nil` when there is no such trace or it never was that long.
    ///
    /// Reads O(log n) nodes. The checkpoint is there when one of that size is stored.
    package func inclusion(of seq: UInt64, size: UInt64) async throws(StoreError) -> InclusionProof? {
        guard seq < size, size <= head.size else { return nil }
        return try await reading { db in
            let nodes = TileTable(db: db)
            let prover = MerkleProver(nodes: nodes)
            return InclusionProof(
                seq: seq, leaf: try nodes.node(level: 0, index: seq), size: size, root: try prover.root(size: size),
                hashes: try prover.inclusion(of: seq, size: size), note: try Self.note(size, db))
        }
    }

    /// That the log of `from` traces is the beginning of the log of `size`; `nil` when it never was that long.
    ///
    /// Reads O(log n) nodes. The checkpoint is there when one of the later size is stored.
    package func consistency(from: UInt64, size: UInt64) async throws(StoreError) -> ConsistencyProof? {
        guard from <= size, size <= head.size else { return nil }
        return try await reading { db in
            let prover = MerkleProver(nodes: TileTable(db: db))
            return ConsistencyProof(
                from: from, fromRoot: try prover.root(size: from), size: size, root: try prover.root(size: size),
                hashes: try prover.consistency(from: from, to: size), note: try Self.note(size, db))
        }
    }

    private static func note(_ size: UInt64, _ db: Database) throws -> String? {
        try String.fetchOne(db, sql: "SELECT note FROM checkpoints WHERE size = ?", arguments: [Int64(clamping: size)])
    }
}
