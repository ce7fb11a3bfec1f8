import Audit
import Foundation
import GRDB

/// The stored complete nodes of the tree, as seen inside one access to the database.
struct NodeTable: NodeReader {
    let db: Database

    func node(level: Int, index: UInt64) throws(StoreError) -> MerkleHash {
        let data = try storing {
            let statement = try db.cachedStatement(sql: "SELECT hash FROM nodes WHERE level = ? AND idx = ?")
            return try Data.fetchOne(statement, arguments: [level, Int64(clamping: index)])
        }
        guard let data, let hash = MerkleHash(data) else { throw .damaged("no node \(index) at level \(level) of the tree") }
        return hash
    }

    func insert(_ node: MerkleNode) throws {
        let statement = try db.cachedStatement(sql: "INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)")
        try statement.execute(arguments: [node.level, Int64(clamping: node.index), node.hash.withUnsafeBytes { Data($0) }])
    }

    /// How many leaves the stored tree has.
    func size() throws -> UInt64 {
        let last = try Int64.fetchOne(db, sql: "SELECT max(idx) FROM nodes WHERE level = 0") ?? -1
        guard last >= -1 else { throw StoreError.damaged("a node with a negative index") }
        return UInt64(last + 1)
    }
}
