import Audit
import Foundation
import GRDB
import Primitives
package import Sessions
package import Witness

extension Migration {
    /// How far each anchor has come, and the time-stamps of checkpoints.
    static let witnesses = Migration(
        "witnesses",
        """
        CREATE TABLE anchors (
            name TEXT PRIMARY KEY,
            size INTEGER NOT NULL,
            anchored_at INTEGER,
            failure TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE timestamps (
            size INTEGER PRIMARY KEY,
            note TEXT NOT NULL,
            token BLOB NOT NULL,
            stamped_at INTEGER NOT NULL
        ) STRICT;
        """)
}

/// Anchors and time-stamps on SQLite, beside the log.
package struct StoreWitnessMemory: WitnessMemory {
    private let pool: DatabasePool

    package init(_ log: TraceLog) { pool = log.store.pool }

    package func checkpoints(after size: UInt64, limit: Int) async throws(LedgerFailure) -> [SignedCheckpoint] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT size, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?",
                arguments: [Int64(clamping: size), limit]
            ).map(Self.checkpoint)
        }
    }

    package func newestCheckpoint() async throws(LedgerFailure) -> SignedCheckpoint? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1").map(Self.checkpoint)
        }
    }

    package func anchor(_ name: String) async throws(LedgerFailure) -> AnchorRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT size, anchored_at, failure FROM anchors WHERE name = ?", arguments: [name]).map { row in
                AnchorRecord(
                    size: UInt64(clamping: row["size"] as Int64), at: (row["anchored_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                    failure: row["failure"])
            }
        }
    }

    package func remember(_ record: AnchorRecord, of name: String) async throws(LedgerFailure) {
        try await write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO anchors (name, size, anchored_at, failure) VALUES (?, ?, ?, ?)",
                arguments: [name, Int64(clamping: record.size), record.at?.milliseconds, record.failure])
        }
    }

    package func newestStamp() async throws(LedgerFailure) -> StampedCheckpoint? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT size, note, token, stamped_at FROM timestamps ORDER BY size DESC LIMIT 1").map { row in
                StampedCheckpoint(
                    checkpoint: Self.checkpoint(row), token: Array(row["token"] as Data),
                    time: Timestamp(milliseconds: row["stamped_at"]))
            }
        }
    }

    package func remember(_ stamp: StampedCheckpoint) async throws(LedgerFailure) {
        try await write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO timestamps (size, note, token, stamped_at) VALUES (?, ?, ?, ?)",
                arguments: [
                    Int64(clamping: stamp.checkpoint.size), stamp.checkpoint.note, Data(stamp.token), stamp.time.milliseconds,
                ])
        }
    }

    private static func checkpoint(_ row: Row) -> SignedCheckpoint {
        SignedCheckpoint(size: UInt64(clamping: row["size"] as Int64), note: row["note"])
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(LedgerFailure) -> Value {
        do { return try await pool.read(body) } catch { throw LedgerFailure(reason: "\(error)") }
    }

    private func write(_ body: @escaping @Sendable (Database) throws -> Void) async throws(LedgerFailure) {
        do { try await pool.write(body) } catch { throw LedgerFailure(reason: "\(error)") }
    }
}
