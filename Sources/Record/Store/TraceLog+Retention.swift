package import Audit
import Foundation
import GRDB
package import Primitives

extension TraceLog {
    /// Traces looked at, and ranges told, in one commit: others wait behind it.
    private static let retainedAtOnce = 5_000
    private static let rangesAtOnce = 1_000

    /// Drops the bodies of old traces, some at a time: each time a trace that names them, and the dropping, in one commit. Leaf hashes and
    /// nodes stay.
    ///
    /// - Parameters:
    ///   - upTo: bodies from this sequence on stay.
    ///   - draft: the trace of the act; its `detail` is added to.
    package func dropBodies(before: Timestamp, upTo: UInt64, _ draft: TraceDraft) async throws -> RetentionReport {
        var rule = RetentionRule(before: before)
        for event in RetentionRule.reviewEvents {
            rule = try await reading { [rule] db in
                var rule = rule
                try TraceIndex(db: db).forEachLeaf(of: event) { rule.note(Array($0)) }
                return rule
            }
        }
        let end = min(upTo, head.size)
        var next: UInt64 = 0
        var (count, kept): (UInt64, UInt64) = (0, 0)
        while next < end {
            let found = try await reading { [rule, next] db in try Self.candidates(rule, from: next, to: end, before: before, db) }
            next = found.next
            kept += found.kept
            guard !found.ranges.isEmpty else { continue }
            let ranges = found.ranges
            let dropped = ranges.reduce(0) { $0 + UInt64($1.count) }
            var told = draft
            told.detail = (draft.detail ?? [:])
                .with("ranges", .array(ranges.map { [.int(Int64(clamping: $0.lowerBound)), .int(Int64(clamping: $0.upperBound))] }))
                .with("count", .int(Int64(clamping: dropped)))
            try await commit([told]) { db, numbers in try Self.drop(ranges, size: numbers.upperBound, db) }
            count += dropped
        }
        if count > 0 { try await forgetDropped() }
        return RetentionReport(count: count, kept: kept)
    }

    private struct Candidates: Sendable {
        var ranges: [ClosedRange<UInt64>] = []
        var kept: UInt64 = 0
        var next: UInt64
    }

    private static func candidates(
        _ rule: RetentionRule, from start: UInt64, to end: UInt64, before: Timestamp, _ db: Database
    ) throws -> Candidates {
        var found = Candidates(next: end)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT seq, leaf, json_extract(CAST(leaf AS TEXT), '$.time') < ? FROM traces
                WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?
                """,
            arguments: [before.description, Int64(clamping: start), Int64(clamping: end), retainedAtOnce])
        var seen = 0
        while let row = try rows.next() {
            seen += 1
            let sequence = UInt64(clamping: row[0] as Int64)
            if seen == retainedAtOnce { found.next = sequence + 1 }
            guard row[2] as Int64? == 1 else { continue }
            guard rule.drops(Array(row[1] as Data)) else {
                found.kept += 1
                continue
            }
            if let last = found.ranges.last, last.upperBound + 1 == sequence {
                found.ranges[found.ranges.count - 1] = last.lowerBound...sequence
            } else {
                found.ranges.append(sequence...sequence)
            }
            if found.ranges.count == rangesAtOnce {
                found.next = sequence + 1
                break
            }
        }
        return found
    }

    private static func drop(_ ranges: [ClosedRange<UInt64>], size: UInt64, _ db: Database) throws {
        let blocks = Set(ranges.flatMap { $0.lowerBound / HashTile.width...$0.upperBound / HashTile.width })
        let indexed = blocks.filter { $0 < size / HashTile.width }
        if indexed.count < blocks.count { try TileTable(db: db).keepEdge(size: size) }
        let index = TraceIndex(db: db)
        for block in indexed { try index.remove(block) }
        let delete = try db.cachedStatement(sql: "DELETE FROM traces WHERE seq BETWEEN ? AND ?")
        for range in ranges {
            try delete.execute(arguments: [Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound)])
        }
        for block in indexed { try index.add(block) }
    }

    /// Moves everything out of the write-ahead log and empties it: it still holds the pages as they were.
    private func forgetDropped() async throws {
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    /// The sequences whose bodies were dropped, as the log itself tells it.
    func droppedRanges() async throws(StoreError) -> DroppedRanges {
        try await reading { db in
            var dropped = DroppedRanges()
            try TraceIndex(db: db).forEachLeaf(of: TraceEvent.auditRetained.rawValue) { leaf in
                leaf.withUnsafeBytes { dropped.add(DroppedRanges.told(by: $0)) }
            }
            return dropped
        }
    }
}
