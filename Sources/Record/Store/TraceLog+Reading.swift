package import Audit
import Foundation
import GRDB

/// One trace as stored.
package struct StoredTrace: Hashable, Sendable {
    package let seq: UInt64
    /// Canonical JSON, the exact bytes that were hashed.
    package let leaf: [UInt8]
}

extension TraceLog {
    package enum Order: Sendable {
        case oldestFirst
        case newestFirst
    }

    /// The most traces that one read gives.
    package static let pageLimit = 1_000

    /// One page of traces.
    ///
    /// - Parameters:
    ///   - from: the first number to look at; `nil` for the end where the order begins.
    ///   - limit: at most ``pageLimit``.
    package func traces(
        from: UInt64? = nil, _ order: Order = .oldestFirst, limit: Int = pageLimit
    ) async throws(StoreError) -> [StoredTrace] {
        let (comparison, direction) = order == .oldestFirst ? (">=", "ASC") : ("<=", "DESC")
        let start = from.map { Int64(clamping: $0) } ?? (order == .oldestFirst ? 0 : Int64.max)
        let sql = "SELECT seq, leaf FROM traces WHERE seq \(comparison) ? ORDER BY seq \(direction) LIMIT ?"
        return try await reading { db in
            try Row.fetchAll(db, sql: sql, arguments: [start, min(max(limit, 0), Self.pageLimit)]).map { row in
                StoredTrace(seq: UInt64(clamping: row["seq"] as Int64), leaf: Array(row["leaf"] as Data))
            }
        }
    }

    /// The root that the log had at `size`, or `nil` when it never was that long.
    package func root(size: UInt64) async throws(StoreError) -> MerkleHash? {
        guard size <= head.size else { return nil }
        return try await reading { try MerkleProver(nodes: TileTable(db: $0)).root(size: size) }
    }

    func reading<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws(StoreError) -> Result {
        do { return try await store.pool.read(body) } catch { throw StoreError(error) }
    }
}
