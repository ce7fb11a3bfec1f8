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
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: statement.sql), arguments: statement.arguments(from: start, limit: TraceLog.searchStep))
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
        if seen < TraceLog.searchStep { next = nil }
    }

    /// Puts in what stands for the traces from ``next`` to before `sequence`.
    private mutating func fill(to sequence: UInt64, _ db: Database) throws {
        let nodes = NodeTable(db: db)
        while let missing = next, missing < sequence, !isFull {
            let line = DroppedBody(seq: missing, hash: try nodes.node(level: 0, index: missing)).line
            leaves.append(line)
            bytes += line.count
            next = missing + 1
        }
    }
}

/// The one statement of a search: candidates by the column that has fewest of them, and whether each fits the rest.
private struct SearchStatement: Sendable {
    let sql: String
    private let conditionValues: [DatabaseValue]
    private let candidateValue: DatabaseValue?

    init(_ query: TraceQuery) {
        var columns: [(name: String, value: String)] = []
        if let session = query.session { columns.append(("session", session)) }
        if let person = query.person { columns.append(("actor", person)) }
        if case .one(let event)? = query.event { columns.append(("event", event.rawValue)) }
        let candidates = columns.first
        var conditions: [String] = []
        var values: [DatabaseValue] = []
        func require(_ condition: String, _ bound: any DatabaseValueConvertible...) {
            conditions.append(condition)
            values += bound.map(\.databaseValue)
        }
        for column in columns.dropFirst() { require("\(column.name) IS ?", column.value) }
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
        sql = """
            SELECT seq, leaf, \(conditions.isEmpty ? "1" : conditions.joined(separator: " AND ")) FROM traces
            WHERE \(candidates.map { "\($0.name) = ? AND " } ?? "")seq \(isOldestFirst ? ">=" : "<=") ?
            ORDER BY seq \(isOldestFirst ? "ASC" : "DESC") LIMIT ?
            """
        conditionValues = values
        candidateValue = candidates?.value.databaseValue
    }

    func arguments(from start: UInt64, limit: Int) -> StatementArguments {
        StatementArguments(conditionValues + [candidateValue, Int64(clamping: start).databaseValue, limit.databaseValue].compactMap { $0 })
    }
}
