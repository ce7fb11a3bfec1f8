import Audit
import Dispatch
import Foundation
import GRDB
import Primitives
import Store
import Synchronization
import Testing

struct TraceLogTests {
    private func naiveHead(_ leaves: [[UInt8]]) -> MerkleHash {
        var tree = MerkleFrontier()
        for leaf in leaves { tree.append(.leaf(leaf)) }
        return tree.root
    }

    @Test func tracesAreStoredAsTheirLeaves() async throws {
        let folder = try Folder()
        let log = try openLog(try openStore(folder))
        #expect(log.head.size == 0)
        #expect(log.head.root == .emptyTree)
        let sequences = try await log.commit([draft("a"), draft("b")])
        #expect(sequences == 0..<2)
        let stored = try await log.traces()
        #expect(stored.map(\.seq) == [0, 1])
        #expect(stored[1].leaf == draft("b").leaf(seq: 1, salt: SameBytes().bytes(16), workstation: "ws"))
        #expect(log.head.size == 2)
        #expect(log.head.root == naiveHead(stored.map(\.leaf)))
    }

    @Test func eachTraceHasItsOwnSalt() async throws {
        let folder = try Folder()
        let log = try openLog(try openStore(folder), random: SystemRandom())
        try await log.commit([draft("a"), draft("a")])
        try await log.commit([draft("a")])
        let salts = try await log.traces().map { try JSONDecoder().decode(JSON.self, from: Data($0.leaf))["salt"]?.string }
        #expect(Set(salts).count == 3)
        #expect(salts.allSatisfy { $0.flatMap(Base64URL.decode)?.count == 16 })
    }

    @Test func effectAndTracesAreThereWhenTheAnswerComes() async throws {
        let folder = try Folder()
        let store = try openStore(folder)
        let log = try openLog(store)
        let sequences = try await log.commit([draft("a")]) { db, sequences in
            try db.execute(sql: "INSERT INTO effects (seq) VALUES (?)", arguments: [Int64(sequences.lowerBound)])
        }
        let found = try await store.pool.read { try Int64.fetchAll($0, sql: "SELECT seq FROM effects") }
        #expect(found == [Int64(sequences.lowerBound)])
    }

    @Test func failedEffectLeavesNoTraceAndNoGap() async throws {
        let folder = try Folder()
        let store = try openStore(folder)
        let log = try openLog(store)
        try await log.commit([draft("a")])
        await #expect(throws: EffectFailed()) {
            try await log.commit([draft("lost"), draft("lost")]) { db, _ in
                try db.execute(sql: "INSERT INTO effects (seq) VALUES (1)")
                throw EffectFailed()
            }
        }
        let next = try await log.commit([draft("b")])
        #expect(next == 1..<2)
        #expect(try await log.reasons() == ["a", "b"])
        #expect(try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM effects") } == 0)
        #expect(try await log.check().head == log.head)
    }

    /// Queues `jobs` behind a commit that is held open, so that they share the next transaction.
    private func together(
        _ log: TraceLog, _ store: StateStore, _ jobs: [(TraceDraft, TraceLog.Effect)]
    ) async throws -> (results: [Result<Range<UInt64>, any Error>], commits: Int) {
        let counter = CommitCounter()
        store.pool.add(transactionObserver: counter)
        let gate = DispatchSemaphore(value: 0)
        let entered = Mutex(false)
        async let first = log.commit([draft("first")]) { _, _ in
            entered.withLock { $0 = true }
            gate.wait()
        }
        while !entered.withLock({ $0 }) { await Task.yield() }
        let results = try await withThrowingTaskGroup(of: (Int, Result<Range<UInt64>, any Error>).self) { group in
            for (index, job) in jobs.enumerated() {
                group.addTask {
                    do { return (index, .success(try await log.commit([job.0], effect: job.1))) } catch { return (index, .failure(error)) }
                }
                while log.waitingCount < index + 1 { await Task.yield() }
            }
            gate.signal()
            return try await group.reduce(into: [Int: Result<Range<UInt64>, any Error>]()) { $0[$1.0] = $1.1 }
        }
        _ = try await first
        return (results.sorted { $0.key < $1.key }.map(\.value), counter.commits.load(ordering: .relaxed))
    }

    private let nothing: TraceLog.Effect = { _, _ in }

    @Test(.timeLimit(.minutes(5))) func oneFailingJobDoesNotHarmItsGroup() async throws {
        let folder = try Folder()
        let store = try openStore(folder)
        let log = try openLog(store)
        let good: TraceLog.Effect = { db, sequences in
            try db.execute(sql: "INSERT INTO effects (seq) VALUES (?)", arguments: [Int64(sequences.lowerBound)])
        }
        let bad: TraceLog.Effect = { db, sequences in
            try good(db, sequences)
            throw EffectFailed()
        }
        let (results, _) = try await together(log, store, [(draft("a"), good), (draft("lost"), bad), (draft("b"), good)])
        #expect(results.map { try? $0.get() } == [1..<2, nil, 2..<3])
        #expect(throws: EffectFailed()) { try results[1].get() }
        #expect(try await log.reasons() == ["first", "a", "b"])
        #expect(try await store.pool.read { try Int64.fetchAll($0, sql: "SELECT seq FROM effects") } == [1, 2])
        #expect(try await log.check().head.size == 3)
    }

    @Test(.timeLimit(.minutes(5))) func waitingJobsShareOneCommit() async throws {
        let folder = try Folder()
        let store = try openStore(folder)
        let log = try openLog(store)
        let (results, commits) = try await together(log, store, (0..<20).map { (draft("\($0)"), nothing) })
        #expect(try Set(results.map { try $0.get().lowerBound }) == Set(1...20))
        #expect(commits <= 3)
    }

    @Test(.timeLimit(.minutes(5))) func failedCommitAnswersItsWholeGroupAndTheLogGoesOn() async throws {
        let folder = try Folder()
        let store = try openStore(folder)
        let log = try openLog(store)
        let dangling: TraceLog.Effect = { db, _ in try db.execute(sql: "INSERT INTO effects (seq, trace) VALUES (1, 999)") }
        let (results, _) = try await together(log, store, [(draft("lost"), nothing), (draft("lost"), dangling)])
        for result in results {
            guard case .failure(let error) = result, case .database(code: 787, _) = error as? StoreError else {
                Issue.record("a commit that failed was answered \(result)")
                continue
            }
        }
        #expect(log.head.size == 1)
        try await log.commit([draft("next")])
        #expect(try await log.reasons() == ["first", "next"])
        #expect(try await log.check().head == log.head)
    }

    @Test(.timeLimit(.minutes(5))) func transactionGivenUpBySQLiteAnswersItsWholeGroup() async throws {
        let folder = try Folder()
        let store = try openStore(folder)
        let log = try openLog(store)
        let fatal: TraceLog.Effect = { db, _ in
            try db.execute(sql: "ROLLBACK")
            throw DatabaseError(resultCode: .SQLITE_FULL)
        }
        let (results, _) = try await together(
            log, store, [(draft("lost"), nothing), (draft("lost"), fatal), (draft("lost"), nothing)])
        #expect(results.allSatisfy { if case .failure = $0 { true } else { false } })
        try await log.commit([draft("next")])
        #expect(try await log.reasons() == ["first", "next"])
        #expect(try await log.check().head == log.head)
    }

    @Test func manyConcurrentCommitsAreGapless() async throws {
        let folder = try Folder()
        let log = try openLog(try openStore(folder))
        let ranges = try await withThrowingTaskGroup(of: Range<UInt64>?.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let drafts = (0...number % 3).map { draft("\(number)/\($0)") }
                    return try? await log.commit(drafts) { _, _ in if number % 7 == 0 { throw EffectFailed() } }
                }
            }
            return try await group.reduce(into: [Range<UInt64>]()) { if let range = $1 { $0.append(range) } }
        }
        #expect(ranges.count == 200 - 29)
        let sequences = ranges.flatMap { Array($0) }.sorted()
        #expect(sequences == Array(0..<UInt64(sequences.count)))
        #expect(try await log.traces().map(\.seq) == sequences)
        #expect(try await log.check().head.size == UInt64(sequences.count))
    }

    @Test func cancelledCallerDoesNotHarmTheOthers() async throws {
        let folder = try Folder()
        let log = try openLog(try openStore(folder))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                withUnsafeCurrentTask { $0?.cancel() }
                await #expect(throws: Never.self) { try await log.commit([draft("cancelled")]) }
            }
            group.addTask { await #expect(throws: Never.self) { try await log.commit([draft("other")]) } }
        }
        #expect(log.head.size == 2)
    }

    @Test(arguments: [0, 1, 2, 3, 7, 8, 33]) func reopenedLogGoesOn(size: Int) async throws {
        let folder = try Folder()
        let store = try openStore(folder)
        let first = try openLog(store)
        for number in 0..<size { try await first.commit([draft("\(number)")]) }
        let before = first.head
        try store.close()
        let log = try openLog(try openStore(folder))
        #expect(log.head == before)
        #expect(try await log.commit([draft("next")]) == UInt64(size)..<UInt64(size + 1))
        #expect(log.head.root == naiveHead(try await log.traces().map(\.leaf)))
        #expect(try await log.check().head.size == UInt64(size + 1))
    }

    @Test func overlongTraceIsRefused() async throws {
        let folder = try Folder()
        let log = try openLog(try openStore(folder))
        await #expect(throws: StoreError.traceTooLarge) { try await log.commit([draft(String(repeating: "x", count: 70_000))]) }
        #expect(try await log.commit([draft("a")]) == 0..<1)
    }

    @Test func closedStoreRefusesCommits() async throws {
        let folder = try Folder()
        let store = try openStore(folder)
        let log = try openLog(store)
        try store.close()
        await #expect(throws: StoreError.self) { try await log.commit([draft("late")]) }
        #expect(log.head.size == 0)
    }

    @Test func traceBeyondTheTreeIsDamage() async throws {
        let folder = try Folder()
        let store = try openStore(folder)
        try await openLog(store).commit([draft("a")])
        try await store.pool.write { try $0.execute(sql: "INSERT INTO traces (seq, leaf, event) VALUES (5, x'00', 'card.read')") }
        #expect(throws: StoreError.damaged("1 hashes of 4 from 0 at level 0 of the tree")) { try openLog(store) }
    }
}

struct TraceReadingTests {
    private func filledLog(_ folder: Folder) async throws -> TraceLog {
        let log = try openLog(try openStore(folder))
        try await log.commit([
            draft("0", event: .agentStarted), draft("1", session: "s1", actor: "p1"), draft("2", session: "s2", actor: "p1"),
            draft("3", event: .tokenIssued, session: "s1", actor: "p1"), draft("4", session: "s1", actor: "p2"),
        ])
        return log
    }

    @Test func pagesGoBothWays() async throws {
        let folder = try Folder()
        let log = try await filledLog(folder)
        #expect(try await log.reasons(from: 1, limit: 2) == ["1", "2"])
        #expect(try await log.reasons(from: 3, .newestFirst, limit: 2) == ["3", "2"])
        #expect(try await log.reasons(limit: -1).isEmpty)
        #expect(try await log.reasons(from: .max).isEmpty)
    }

    @Test func proofsVerify() async throws {
        let folder = try Folder()
        let log = try await filledLog(folder)
        let head = log.head
        let leaf = try #require(await log.traces(from: 3, limit: 1).first).leaf
        let inclusion = try #require(try await log.inclusion(of: 3, size: 5))
        #expect(inclusion.leadsToRoot && inclusion.leaf == .leaf(leaf) && inclusion.root == head.root)
        #expect(inclusion.note == nil && inclusion.text == nil)
        let old = try #require(await log.root(size: 3))
        let consistency = try #require(try await log.consistency(from: 3, size: 5))
        #expect(consistency.holds(for: old) && consistency.fromRoot == old && consistency.root == head.root)
        #expect(!consistency.holds(for: head.root))
        let note = try await log.signCheckpoint()
        #expect(try await log.inclusion(of: 3, size: 5)?.note == note)
        #expect(try await log.consistency(from: 3, size: 5)?.note == note)
    }

    @Test(arguments: [(3, 6), (5, 5), (3, 3), (0, 0), (.max, .max)] as [(UInt64, UInt64)])
    func thereIsNoProofForATraceThatIsNotInTheTree(seq: UInt64, size: UInt64) async throws {
        let folder = try Folder()
        let log = try await filledLog(folder)
        #expect(try await log.inclusion(of: seq, size: size) == nil)
    }

    @Test func thereIsNoProofForALogThatNeverWasThatLong() async throws {
        let folder = try Folder()
        let log = try await filledLog(folder)
        #expect(try await log.consistency(from: 3, size: 6) == nil)
        #expect(try await log.consistency(from: 5, size: 4) == nil)
        #expect(try await log.consistency(from: 3, size: .max) == nil)
        #expect(try await log.root(size: 6) == nil)
    }
}
