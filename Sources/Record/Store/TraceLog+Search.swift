package import Audit
import Foundation
import GRDB
import Primitives

extension TraceLog {
    /// How many traces one short read looks at, and how many of such reads one search makes.
    static let searchStep = 10_000
    static let searchSteps = 50
    /// A page that has so many bytes is full.
    static let pageBytes = 4 << 20

    /// Traces that match, a page of them.
    ///
    /// What has no column is looked up in the traces themselves. That is done in short reads, and after ``searchSteps`` of them the page
    /// is given as it is, be it empty: no search holds a connection for long, and none grows with the log.
    ///
    /// - Parameter query: its `limit` counts as at most ``pageLimit``.
    package func search(_ query: TraceQuery) async throws(StoreError) -> TracePage {
        var search = TraceSearch(query)
        for _ in 0..<Self.searchSteps where !search.isDone {
            search = try await reading { [search] db in
                var further = search
                try further.advance(db)
                return further
            }
        }
        return TracePage(leaves: search.leaves, next: search.next)
    }
}

/// A search as far as it has come.
private struct TraceSearch: Sendable {
    private(set) var leaves: [[UInt8]] = []
    /// Where to go on; `nil` after the last trace.
    private(set) var next: UInt64?
    private var bytes = 0
    private let statement: SearchStatement
    private let isOldestFirst: Bool
    private let includesDropped: Bool
    private let limit: Int

    var isDone: Bool { next == nil || isFull }

    private var isFull: Bool { leaves.count >= limit || bytes >= TraceLog.pageBytes }

    init(_ query: TraceQuery) {
        statement = SearchStatement(query)
        isOldestFirst = query.order == .oldest
        includesDropped = query.includesDropped && isOldestFirst
        limit = min(max(query.limit, 0), TraceLog.pageLimit)
        next = limit == 0 ? nil : query.from ?? (isOldestFirst ? 0 : UInt64(Int64.max))
    }

    /// Looks at the next traces, ``TraceLog/searchStep`` at most.
    mutating func advance(_ db: Database) throws {
        guard let start = next else { return }
        let step = statement.mayNotFit ? TraceLog.searchStep : min(TraceLog.searchStep, limit - leaves.count)
        let candidates = try statement.candidates(from: Int64(clamping: start), isOldestFirst, limit: step, db)
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: statement.sql), arguments: statement.arguments(candidates, from: start, limit: step))
        var seen = 0
        while let row = try rows.next() {
            seen += 1
            let sequence = UInt64(clamping: row[0] as Int64)
            if includesDropped {
                try fill(to: sequence, db)
                if isFull { return }
            }
            next = isOldestFirst ? sequence + 1 : sequence == 0 ? nil : sequence - 1
            guard row[2] as Int64? == 1 else { continue }
            let leaf = Array(row[1] as Data)
            leaves.append(leaf)
            bytes += leaf.count
            if isFull { return }
        }
        if (candidates?.count ?? seen) < step { next = nil }
    }

    /// Puts in what stands for the traces from ``next`` to before `sequence`.
    private mutating func fill(to sequence: UInt64, _ db: Database) throws {
        guard let missing = next, missing < sequence, !isFull else { return }
        let end = min(sequence, missing + UInt64(limit - leaves.count))
        for (number, hash) in zip(missing..., try TileTable(db: db).leafHashes(missing..<end)) where !isFull {
            let line = DroppedBody(seq: number, hash: hash).line
            leaves.append(line)
            bytes += line.count
            next = number + 1
        }
    }
}

/// The one statement of a search: candidates by the key that has fewest of them, and whether each fits the rest.
private struct SearchStatement: Sendable {
    let sql: String
    private let conditionValues: [DatabaseValue]
    private let key: (kind: TraceKey, value: String)?
    /// Whether a candidate may not fit.
    var mayNotFit: Bool { key == nil || !conditionValues.isEmpty }

    init(_ query: TraceQuery) {
        var keys: [(kind: TraceKey, value: String)] = []
        if let session = query.session { keys.append((.session, session)) }
        if let person = query.person { keys.append((.actor, person)) }
        if case .one(let event)? = query.event { keys.append((.event, event.rawValue)) }
        var conditions: [String] = []
        var values: [DatabaseValue] = []
        func require(_ condition: String, _ bound: any DatabaseValueConvertible...) {
            conditions.append(condition)
            values += bound.map(\.databaseValue)
        }
        for key in keys.dropFirst() { require("\(key.kind.column) IS ?", key.value) }
        if case .family(let family)? = query.event { require("substr(event, 1, ?) = ?", family.utf8.count + 1, "\(family).") }
        // Looking for the bytes first spares reading most traces as JSON; CASE, since AND may look at both sides.
        func requireMember(_ path: String, _ name: String, _ value: String?) {
            guard let value else { return }
            let bytes = Data(Array("\"\(name)\":".utf8) + JSON.string(value).canonical)
            require("CASE WHEN instr(leaf, ?) THEN json_extract(CAST(leaf AS TEXT), '\(path)') IS ? ELSE 0 END", bytes, value)
        }
        requireMember("$.outcome", "outcome", query.outcome?.rawValue)
        requireMember("$.card.serial", "serial", query.card)
        requireMember("$.workstation", "workstation", query.workstation)
        requireMember("$.patient", "patient", query.patient)
        // Times are written with one width, so that their order is that of their texts.
        if let since = query.since { require("json_extract(CAST(leaf AS TEXT), '$.time') >= ?", since.description) }
        if let until = query.until { require("json_extract(CAST(leaf AS TEXT), '$.time') < ?", until.description) }
        let isOldestFirst = query.order == .oldest
        key = keys.first
        sql = """
            SELECT seq, leaf, \(conditions.isEmpty ? "1" : conditions.joined(separator: " AND ")) FROM traces
            WHERE seq \(key != nil ? "IN (SELECT value FROM json_each(?))" : isOldestFirst ? ">= ?" : "<= ?")
            ORDER BY seq \(isOldestFirst ? "ASC" : "DESC") LIMIT ?
            """
        conditionValues = values
    }

    /// The traces to look at; `nil` for all.
    func candidates(from start: Int64, _ isOldestFirst: Bool, limit: Int, _ db: Database) throws -> [Int64]? {
        try key.map { key in
            try TraceIndex(db: db).sequences(key.kind, key.value, from: start, isOldestFirst: isOldestFirst, limit: limit)
        }
    }

    func arguments(_ candidates: [Int64]?, from start: UInt64, limit: Int) -> StatementArguments {
        let bound = candidates.map { TraceIndex.list($0).databaseValue } ?? Int64(clamping: start).databaseValue
        return StatementArguments(conditionValues + [bound, limit.databaseValue])
    }
}
