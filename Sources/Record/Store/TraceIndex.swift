import Audit
import Foundation
import GRDB

/// What traces can be found by without looking at each.
enum TraceKey: Int, CaseIterable, Sendable {
    case event = 0
    case session
    case actor

    /// The column that holds it.
    var column: String {
        switch self {
        case .event: "event"
        case .session: "session"
        case .actor: "actor"
        }
    }
}

/// Where the traces of an event, a session or a person are, as seen inside one access to the database.
///
/// One row tells which of 256 traces have a key, and is written with the last of them; the traces after the last full block are looked
/// through. So a trace costs a fraction of a row here, and a search at most 255 traces more.
struct TraceIndex {
    private static let width = Int64(clamping: HashTile.width)

    let db: Database

    /// Makes the entries of a block whose traces are all written.
    func add(_ block: UInt64) throws {
        let insert = try db.cachedStatement(sql: "INSERT OR REPLACE INTO trace_keys (kind, key, block, offsets) VALUES (?, ?, ?, ?)")
        for (key, offsets) in try keys(block).sorted(by: { ($0.key.kind, $0.key.text) < ($1.key.kind, $1.key.text) }) {
            try insert.execute(arguments: [key.kind, key.text, Int64(clamping: block), offsets])
        }
    }

    /// Takes away the entries of the traces that a block has now.
    func remove(_ block: UInt64) throws {
        let delete = try db.cachedStatement(sql: "DELETE FROM trace_keys WHERE kind = ? AND key = ? AND block = ?")
        for key in try keys(block).keys { try delete.execute(arguments: [key.kind, key.text, Int64(clamping: block)]) }
    }

    private struct Key: Hashable {
        let kind: Int
        let text: String
    }

    /// The keys of a block's traces; for each the places of its traces in the block, a byte each.
    private func keys(_ block: UInt64) throws -> [Key: Data] {
        let first = Int64(clamping: block) * Self.width
        let rows = try Row.fetchCursor(
            try db.cachedStatement(sql: "SELECT seq, event, session, actor FROM traces WHERE seq >= ? AND seq < ? ORDER BY seq"),
            arguments: [first, first + Self.width])
        var found: [Key: Data] = [:]
        while let row = try rows.next() {
            let offset = UInt8(truncatingIfNeeded: row[0] as Int64)
            for kind in TraceKey.allCases {
                guard let text = row[kind.rawValue + 1] as String? else { continue }
                found[Key(kind: kind.rawValue, text: text), default: Data()].append(offset)
            }
        }
        return found
    }

    /// The numbers of the traces that have a key, from `start` on, at most `limit` of them.
    func sequences(_ key: TraceKey, _ value: String, from start: Int64, isOldestFirst: Bool, limit: Int) throws -> [Int64] {
        let size = (try Int64.fetchOne(try db.cachedStatement(sql: "SELECT max(seq) FROM traces")) ?? -1) + 1
        let indexed = size / Self.width * Self.width
        var found: [Int64] = []
        if isOldestFirst {
            try appendIndexed(key, value, from: start, true, limit, to: &found)
            try appendRest(key, value, max(start, indexed)...Int64.max, true, limit, to: &found)
        } else {
            if start >= indexed { try appendRest(key, value, indexed...start, false, limit, to: &found) }
            try appendIndexed(key, value, from: start, false, limit, to: &found)
        }
        return found
    }

    private func appendIndexed(
        _ key: TraceKey, _ value: String, from start: Int64, _ isOldestFirst: Bool, _ limit: Int, to found: inout [Int64]
    ) throws {
        let blocks = try Row.fetchCursor(
            try db.cachedStatement(
                sql: """
                    SELECT block, offsets FROM trace_keys WHERE kind = ? AND key = ? AND block \(isOldestFirst ? ">=" : "<=") ?
                    ORDER BY block \(isOldestFirst ? "ASC" : "DESC")
                    """), arguments: [key.rawValue, value, start / Self.width])
        while found.count < limit, let row = try blocks.next() {
            let first = (row[0] as Int64) * Self.width
            let sequences = (row[1] as Data).map { first + Int64($0) }.filter { isOldestFirst ? $0 >= start : $0 <= start }
            found += (isOldestFirst ? sequences : sequences.reversed()).prefix(limit - found.count)
        }
    }

    /// Adds those of traces that have no entries yet.
    private func appendRest(
        _ key: TraceKey, _ value: String, _ range: ClosedRange<Int64>, _ isOldestFirst: Bool, _ limit: Int, to found: inout [Int64]
    ) throws {
        found += try Int64.fetchAll(
            try db.cachedStatement(
                sql: """
                    SELECT seq FROM traces WHERE seq >= ? AND seq <= ? AND \(key.column) = ?
                    ORDER BY seq \(isOldestFirst ? "ASC" : "DESC") LIMIT ?
                    """), arguments: [range.lowerBound, range.upperBound, value, limit - found.count])
    }

    /// The traces of an event, in order.
    func forEachLeaf(of event: String, _ body: (Data) throws -> Void) throws {
        let sequences = try sequences(.event, event, from: 0, isOldestFirst: true, limit: .max)
        let leaves = try Data.fetchCursor(
            db, sql: "SELECT leaf FROM traces WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
            arguments: [Self.list(sequences)])
        while let leaf = try leaves.next() { try body(leaf) }
    }

    /// Numbers as JSON, for `json_each`.
    static func list(_ sequences: [Int64]) -> String { "[\(sequences.map(String.init).joined(separator: ","))]" }
}
