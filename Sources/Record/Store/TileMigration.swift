import Audit
import Foundation
import GRDB

extension Migration {
    /// From a row for each node of the tree, and three entries for each trace, to tiles and blocks.
    static let tiles = Migration(
        "tiles",
        """
        -- The hash of the leaf, for as long as its tile is not full.
        ALTER TABLE traces ADD COLUMN hash BLOB;
        -- Level 0 holds leaf hashes, level n the roots of 256^n leaves; up to 256 hashes each.
        CREATE TABLE tiles (
            level INTEGER NOT NULL,
            idx INTEGER NOT NULL,
            hashes BLOB NOT NULL,
            PRIMARY KEY (level, idx)
        ) STRICT;
        -- Which of 256 traces have a key: their places in the block, a byte each.
        CREATE TABLE trace_keys (
            kind INTEGER NOT NULL,
            key TEXT NOT NULL,
            block INTEGER NOT NULL,
            offsets BLOB NOT NULL,
            PRIMARY KEY (kind, key, block)
        ) STRICT, WITHOUT ROWID;
        """,
        computing: { db in
            let leaves = try fillTiles(db)
            for block in 0..<(leaves / HashTile.width) { try TraceIndex(db: db).add(block) }
            // Hashes of salted traces tell nothing: their pages need not be overwritten. Those that name persons are.
            try db.execute(
                sql: """
                    DROP INDEX traces_by_event;
                    DROP INDEX traces_by_session;
                    DROP INDEX traces_by_actor;
                    PRAGMA secure_delete = OFF;
                    DROP TABLE nodes;
                    PRAGMA secure_delete = ON;
                    """)
        })

    /// - Returns: how many leaves there are.
    private static func fillTiles(_ db: Database) throws -> UInt64 {
        var leaves: UInt64 = 0
        for tileLevel in 0..<(64 / TileTable.step) {
            let nodes = try Row.fetchCursor(
                db, sql: "SELECT idx, hash FROM nodes WHERE level = ? ORDER BY idx", arguments: [tileLevel * TileTable.step])
            var next: UInt64 = 0
            var tile = HashTile.empty
            while let row = try nodes.next() {
                guard row[0] == Int64(clamping: next),
                    let hash = try row.withUnsafeData(atIndex: 1, { $0?.withUnsafeBytes { MerkleHash($0) } })
                else {
                    throw StoreError.damaged("no node \(next) at level \(tileLevel * TileTable.step) of the tree")
                }
                tile.append(hash)
                next += 1
                if next % HashTile.width == 0 {
                    try TileTable(db: db).write(tileLevel, next / HashTile.width - 1, tile)
                    tile = .empty
                }
            }
            if tile.count > 0 { try TileTable(db: db).write(tileLevel, next / HashTile.width, tile) }
            if tileLevel == 0 { leaves = next }
            if next == 0 { break }
        }
        return leaves
    }
}
