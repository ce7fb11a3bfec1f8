import Audit
import Foundation
import GRDB
import Primitives
import Store
import Synchronization

/// Measures what it costs to append traces durably, beside what bare SQLite does on the same file system in the same run.
///
/// `trace-bench FOLDER [SECONDS]` prints one line a figure; each figure takes so many seconds. What is compared is measured in turns of half
/// a second, so that a disk that is now slow and now fast is so for both.
@main
enum TraceBench {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("usage: trace-bench FOLDER [SECONDS]")
            exit(2)
        }
        let folder = arguments[1]
        let time = Duration.seconds(arguments.count > 2 ? Int64(arguments[2]) ?? 5 : 5)
        let leaf = Array(draft(0).leaf(seq: 123_456, salt: SystemRandom().bytes(16), workstation: "ws-042"))
        let lone = try BareLog(folder + "/lone.sqlite")
        for writers in [1, 4, 16] {
            let store = try StateStore(folder: "\(folder)/state-\(writers)")
            let signer = try NoteSigner(name: "bench/log", seed: SystemRandom().bytes(32))
            let log = try TraceLog(store: store, workstation: "ws-042", signer: signer, time: SystemTime(), random: SystemRandom())
            let counter = Commits()
            store.pool.add(transactionObserver: counter)
            let bare = try BareLog("\(folder)/group-\(writers).sqlite")
            var (ours, theirs, single) = (Turns(), Turns(), Turns())
            var group = writers
            for _ in 0..<max(1, Int(time / turn)) {
                try await ours.add { try await append(to: log, writers, for: turn) }
                group = max(1, Int((Double(ours.traces) / Double(max(1, counter.count))).rounded()))
                try await theirs.add { try bare.append(leaf, group: group, for: turn) }
                if writers == 1 { try await single.add { try lone.append(leaf, group: 1, for: turn) } }
            }
            show("traces/s appended, \(writers) writers (\(group) a commit)", ours.rate, nil)
            show("bare SQLite, traces/s, \(group) a commit", theirs.rate, ours.rate / theirs.rate)
            show("processor time of a trace, µs: log, bare", ours.cost, nil, theirs.cost)
            if writers == 1 { show("one append in durable commits of one trace", single.rate / ours.rate, nil) }
            try store.close()
        }
    }

    private static let turn = Duration.milliseconds(500)

    /// What was done in turns.
    private struct Turns {
        private(set) var traces = 0
        private var seconds = 0.0
        private var processor = 0.0

        var rate: Double { Double(traces) / max(seconds, 0.001) }

        /// Microseconds of processor time a trace.
        var cost: Double { processor / Double(max(1, traces)) * 1_000_000 }

        mutating func add(_ turn: () async throws -> (traces: Int, seconds: Double)) async throws {
            let before = processorSeconds
            let done = try await turn()
            processor += processorSeconds - before
            traces += done.traces
            seconds += done.seconds
        }
    }

    private static func show(_ what: String, _ value: Double, _ ratio: Double?, _ second: Double? = nil) {
        func text(_ value: Double) -> String { value < 100 ? String(format: "%.2f", value) : String(Int(value)) }
        let name = what.padding(toLength: 66, withPad: " ", startingAt: 0)
        let more = ratio.map { String(format: ", log at %.0f %% of it", $0 * 100) } ?? second.map { ", \(text($0))" } ?? ""
        print("\(name) \(text(value))\(more)")
    }

    /// What this process has used, in user and kernel.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }

    /// A trace like that of a token, which is what there is most of.
    static func draft(_ number: Int) -> TraceDraft {
        var draft = TraceDraft(.tokenIssued, .granted, at: SystemTime().now())
        draft.session = "5tB9o2b1SjWQk3vY9m1x2A"
        draft.mode = "card"
        draft.actor = ["national_id": "899900063480", "name": "MAX LIBRE", "profession": "10", "profile": "1"]
        draft.client = ["name": "records", "uid": 1000, "pid": 4242, "exe": "/usr/bin/records"]
        draft.reader = ["name": "Virtual PCD 00 00", "kind": "virtual", "insertion": "Zr0d7wGgT0a3nXc1uVd8Vw"]
        draft.card = ["generation": "cps4", "type": "CPS", "serial": "1234567890"]
        draft.detail = [
            "jti": .string("token-\(number)"), "audience": "https://records.example", "scope": "record:read record:write",
            "expires_at": "2026-11-22T12:00:00.000Z", "rules": ["built-in.doctor"],
        ]
        return draft
    }

    /// So many tasks, each of which appends one trace after the other and waits for it.
    private static func append(to log: TraceLog, _ writers: Int, for time: Duration) async throws -> (traces: Int, seconds: Double) {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + time
        let traces = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<writers {
                group.addTask {
                    var count = 0
                    while clock.now < end {
                        try await log.commit([draft(count)])
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let seconds = (clock.now - start) / .seconds(1)
        return (traces, seconds)
    }
}

/// What SQLite does by itself: one table, one blob a trace, committed in groups with the same durability.
private final class BareLog {
    private let pool: DatabasePool
    private var count: Int64 = 0

    init(_ path: String) throws {
        pool = try DatabasePool(path: path)
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "CREATE TABLE traces (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT")
        }
    }

    func append(_ leaf: [UInt8], group: Int, for time: Duration) throws -> (traces: Int, seconds: Double) {
        let clock = ContinuousClock()
        let start = clock.now
        let first = count
        try pool.writeWithoutTransaction { db in
            let insert = try db.makeStatement(sql: "INSERT INTO traces (seq, leaf) VALUES (?, ?)")
            let data = Data(leaf)
            while clock.now < start + time {
                try db.inTransaction(.immediate) {
                    for _ in 0..<group {
                        try insert.execute(arguments: [count, data])
                        count += 1
                    }
                    return .commit
                }
            }
        }
        return (Int(count - first), (clock.now - start) / .seconds(1))
    }
}

/// Counts transactions.
private final class Commits: TransactionObserver, Sendable {
    private let commits = Atomic(0)

    var count: Int { commits.load(ordering: .relaxed) }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { commits.add(1, ordering: .relaxed) }
    func databaseDidRollback(_ db: Database) {}
}
