package import Audit
import Foundation
import GRDB

/// One trace as stored.
package struct StoredTrace: Hashable, Sendable {
    package let seq: UInt64
    /// Canonical JSON, the exact bytes that were hashed.
    package let leaf: [UInt8]
}

/// Which traces to find; every member that is set has to match.
package struct TraceFilter: Hashable, Sendable {
    package var event: TraceEvent?
    package var session: String?
    /// The national identifier of the person.
    package var actor: String?

    package init(event: TraceEvent? = nil, session: String? = nil, actor: String? = nil) {
        self.event = event
        self.session = session
        self.actor = actor
    }
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
        _ filter: TraceFilter = TraceFilter(), from: UInt64? = nil, _ order: Order = .oldestFirst, limit: Int = pageLimit
    ) async throws(StoreError) -> [StoredTrace] {
        var conditions: [String] = []
        var arguments = StatementArguments()
        func require(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [value]
        }
        require(order == .oldestFirst ? "seq >= ?" : "seq <= ?", from.map { Int64(clamping: $0) })
        require("event = ?", filter.event?.rawValue)
        require("session = ?", filter.session)
        require("actor = ?", filter.actor)
        let clause = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        let sql = """
            SELECT seq, leaf FROM traces \(clause)
            ORDER BY seq \(order == .oldestFirst ? "ASC" : "DESC") LIMIT \(min(max(limit, 0), Self.pageLimit))
            """
        return try await reading { [arguments] db in
            try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
                StoredTrace(seq: UInt64(clamping: row["seq"] as Int64), leaf: Array(row["leaf"] as Data))
            }
        }
    }

    /// The root that the log had at `size`, or `nil` when it never was that long.
    package func root(size: UInt64) async throws(StoreError) -> MerkleHash? {
        guard size <= head.size else { return nil }
        return try await reading { try MerkleProver(nodes: NodeTable(db: $0)).root(size: size) }
    }

    func reading<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws(StoreError) -> Result {
        do { return try await store.pool.read(body) } catch { throw StoreError(error) }
    }
}
