internal import Audit
internal import Foundation
internal import GRDB
package import Handover

extension Migration {
    /// How far the log was handed to each target.
    static let forwards = Migration(
        "forwards",
        """
        CREATE TABLE forwards (
            target TEXT PRIMARY KEY,
            next INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """)
}

/// The log on SQLite, for those who hand it on.
package struct StoreForwarding: ForwardSource {
    private let log: TraceLog

    package init(_ log: TraceLog) { self.log = log }

    package var size: UInt64 { log.head.size }

    package func traces(from: UInt64, limit: Int) async throws(ForwardSourceFailure) -> [(seq: UInt64, leaf: [UInt8])] {
        do {
            return try await log.traces(from: from, limit: limit).map { ($0.seq, $0.leaf) }
        } catch {
            throw ForwardSourceFailure(reason: "the log cannot be read: \(error)")
        }
    }

    package func place(of target: String) async throws(ForwardSourceFailure) -> UInt64 {
        do {
            let next = try await log.store.pool.read { db in
                try Int64.fetchOne(db, sql: "SELECT next FROM forwards WHERE target = ?", arguments: [target])
            }
            return UInt64(clamping: next ?? 0)
        } catch {
            throw ForwardSourceFailure(reason: "the place cannot be read: \(error)")
        }
    }

    package func setPlace(of target: String, to next: UInt64) async throws(ForwardSourceFailure) {
        do {
            try await log.store.pool.write { db in
                try db.execute(
                    sql: "INSERT INTO forwards (target, next) VALUES (?, ?) ON CONFLICT (target) DO UPDATE SET next = excluded.next",
                    arguments: [target, Int64(clamping: next)])
            }
        } catch {
            throw ForwardSourceFailure(reason: "the place cannot be kept: \(error)")
        }
    }
}
