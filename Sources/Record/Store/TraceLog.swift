package import Audit
import Foundation
package import GRDB
package import Primitives
import Synchronization

/// The one writer of the log: traces and their effects become durable together, many callers in one commit.
///
/// Whoever commits is answered only after the transaction with its traces is on the disk (promise P1). What queued while one
/// transaction was being written shares the next.
package final class TraceLog: Sendable {
    /// What a decision changes besides the log. It runs in the same transaction as its traces, whose numbers it is given; if it
    /// throws, neither it nor they are kept. It may run again, when the transaction has to begin anew.
    package typealias Effect = @Sendable (Database, Range<UInt64>) throws -> Void

    struct Job {
        let traces: [(draft: TraceDraft, prepared: PreparedTrace)]
        let urgency: Urgency
        let changes: [StoredChange]
        let effect: Effect?
        let answer: CheckedContinuation<Range<UInt64>, any Error>

        /// Whether all of it can be written down for later, and is worth the space.
        var mayUseReserve: Bool { urgency != .ordinary && effect == nil && !traces.isEmpty }

        var isEmergency: Bool { mayUseReserve && urgency.person != nil }
    }

    /// The tree in the database, and the one that goes on in the reserve.
    struct Trees {
        var stored: MerkleFrontier
        var whole: MerkleFrontier
    }

    private struct State {
        var waiting: [Job] = []
        var isWriting = false
        var trees: Trees
    }

    /// How many commits may wait, and how many share one transaction.
    private static let waitingLimit = 10_000
    private static let groupLimit = 500
    /// How many transactions follow each other before others who write get their turn.
    private static let groupsInARow = 64

    let store: StateStore
    private let key: Mutex<NoteSigner>
    let time: any TimeSource
    let workstation: String
    let random: any RandomSource
    /// `nil`: what cannot be written is refused.
    package let reserve: Reserve?
    /// Asked for an emergency that finds the reserve used up; `nil`: it is refused.
    let witness: (any OutsideWitness)?
    let written: @Sendable ([TraceDraft]) -> Void
    private let state: Mutex<State>

    /// Goes on where the stored log ends.
    ///
    /// - Parameters:
    ///   - workstation: the name that each trace gives this machine.
    ///   - signer: the key of the log, named after its origin.
    ///   - reserve: what it holds moves into the database with the first commit.
    ///   - witness: asked for an emergency that finds the reserve used up.
    ///   - written: is told which traces are on the disk, before whoever wrote them is answered.
    package init(
        store: StateStore, workstation: String, signer: NoteSigner, time: any TimeSource, random: any RandomSource,
        reserve: Reserve? = nil, witness: (any OutsideWitness)? = nil,
        written: @escaping @Sendable ([TraceDraft]) -> Void = { _ in }
    ) throws(StoreError) {
        self.store = store
        self.reserve = reserve
        self.witness = witness
        self.written = written
        self.workstation = workstation
        key = Mutex(signer)
        self.time = time
        self.random = random
        let tree = try storing {
            try store.pool.read { db in
                let tiles = TileTable(db: db)
                return try MerkleProver(nodes: tiles).frontier(size: try tiles.size())
            }
        }
        let waiting = try reserve?.load(after: tree.size) { sequence throws(StoreError) in
            try storing {
                try store.pool.read { db in
                    try Data.fetchOne(db, sql: "SELECT leaf FROM traces WHERE seq = ?", arguments: [Int64(clamping: sequence)]).map {
                        Array($0)
                    }
                }
            }
        }
        var whole = tree
        for trace in waiting ?? [] { whole.append(.leaf(trace.leaf)) }
        state = Mutex(State(trees: Trees(stored: tree, whole: whole)))
    }

    /// The last head in the database; what waits in the reserve comes after it.
    package var head: LogHead { state.withLock { LogHead(size: $0.trees.stored.size, root: $0.trees.stored.root) } }

    /// What checkpoints are signed with now.
    package var signer: NoteSigner { key.withLock { $0 } }

    /// From now on checkpoints are signed with this key.
    func adopt(_ signer: NoteSigner) { key.withLock { $0 = signer } }

    /// Whether nothing can be written before the agent starts again.
    package var isReadOnly: Bool { store.isReadOnly }

    /// Whether it is open for reading only although its file system takes writes again.
    package var isWorthReopening: Bool { store.isWorthReopening }

    /// How many commits wait for the next transaction.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Appends traces, together with their effect, and waits until both are on the disk.
    ///
    /// A caller that is cancelled is still answered: the decision may have been made.
    ///
    /// - Parameters:
    ///   - urgency: which share of the reserve it may use if the database cannot be written; one with an `effect` uses none.
    ///   - changes: what it changes beside the log, as data.
    /// - Returns: the numbers of the traces, in the order of `drafts`.
    /// - Throws: what `effect` threw, or ``StoreError``; then nothing of this call is kept.
    @discardableResult
    package func commit(
        _ drafts: [TraceDraft], as urgency: Urgency = .ordinary, changes: [StoredChange] = [], effect: Effect? = nil
    ) async throws -> Range<UInt64> {
        let traces = drafts.map { ($0, PreparedTrace($0, salt: random.bytes(16), workstation: workstation)) }
        return try await withCheckedThrowingContinuation { answer in
            let job = Job(traces: traces, urgency: urgency, changes: changes, effect: effect, answer: answer)
            let (admitted, first) = state.withLock { state in
                guard state.waiting.count < Self.waitingLimit else { return (false, false) }
                state.waiting.append(job)
                defer { state.isWriting = true }
                return (true, !state.isWriting)
            }
            if !admitted { answer.resume(throwing: StoreError.overloaded) }
            if first { writeNext() }
        }
    }

    /// Hands what waits to the database's own writer queue, group after group; no thread of the caller waits. After some groups others who
    /// write get their turn.
    private func writeNext() {
        store.pool.asyncWriteWithoutTransaction { db in
            for _ in 0..<Self.groupsInARow {
                guard self.writeGroup(db) else { return }
            }
            self.writeNext()
        }
    }

    /// - Returns: whether more waits, for which nobody has been asked yet.
    private func writeGroup(_ db: Database) -> Bool {
        let (jobs, trees) = state.withLock { state in
            let jobs = Array(state.waiting.prefix(Self.groupLimit))
            state.waiting.removeFirst(jobs.count)
            return (jobs, state.trees)
        }
        let (results, grown) = write(jobs, onto: trees, db)
        let unwritten = witness == nil ? [] : zip(jobs, results).filter { $0.0.isEmergency && $0.1.isUsedUp }.map(\.0)
        let isMore = unwritten.isEmpty && hasMore(after: grown)
        for (job, result) in zip(jobs, results) where witness == nil || !(job.isEmergency && result.isUsedUp) {
            answer(job, result)
        }
        guard !unwritten.isEmpty else { return isMore }
        Task {
            var trees = grown
            for job in unwritten {
                let (result, tree) = await witnessed(job, onto: trees.whole)
                trees.whole = tree
                answer(job, result)
            }
            if hasMore(after: trees) { writeNext() }
        }
        return false
    }

    private func answer(_ job: Job, _ result: Result<Range<UInt64>, any Error>) {
        if case .success = result { written(job.traces.map(\.draft)) }
        job.answer.resume(with: result)
    }

    /// Takes in how far a group came, and says whether something queued meanwhile.
    private func hasMore(after trees: Trees) -> Bool {
        state.withLock { state in
            state.trees = trees
            state.isWriting = !state.waiting.isEmpty
            return state.isWriting
        }
    }

    /// Appends a group in one transaction; what waits in the reserve goes first. A job that fails leaves no trace, takes no number and does
    /// not harm the others. If the disk refuses all of it, those that may use the reserve are kept there.
    private func write(_ jobs: [Job], onto trees: Trees, _ db: Database) -> ([Result<Range<UInt64>, any Error>], Trees) {
        do {
            var appended: ([Result<Range<UInt64>, any Error>], MerkleFrontier)
            do {
                appended = try append(jobs, onto: trees.stored, db, isolatingAll: false)
            } catch is SpoiltGroup {
                appended = try append(jobs, onto: trees.stored, db, isolatingAll: true)
            }
            if let reserve, reserve.isInUse { written([TraceDraft(.auditReserveEmptied, .info, at: time.now())]) }
            reserve?.empty()
            return (appended.0, Trees(stored: appended.1, whole: appended.1))
        } catch {
            let failure = StoreError(error)
            guard failure.isOfDisk else { return (jobs.map { _ in .failure(failure) }, trees) }
            let kept = keep(jobs, onto: trees.whole, because: failure)
            return (kept.results, Trees(stored: trees.stored, whole: kept.tree))
        }
    }

    /// A job failed that had no savepoint of its own.
    private struct SpoiltGroup: Error {}

    /// A savepoint costs time, and what is data hardly ever fails: only jobs with an effect get one, unless the group has
    /// to be written again because of one that did fail.
    private func append(
        _ jobs: [Job], onto tree: MerkleFrontier, _ db: Database, isolatingAll: Bool
    ) throws -> ([Result<Range<UInt64>, any Error>], MerkleFrontier) {
        var results: [Result<Range<UInt64>, any Error>] = []
        var grown = tree
        try db.transaction {
            try moveReserve(onto: &grown, db)
            for job in jobs {
                let isIsolated = isolatingAll || job.effect != nil
                let before = grown
                if isIsolated { try db.run("SAVEPOINT job") }
                do {
                    for (draft, prepared) in job.traces {
                        try insert(ReserveEntry.Trace(draft, leaf: prepared.leaf(seq: grown.size)), to: &grown, db)
                    }
                    for change in job.changes { try change.apply(db) }
                    try job.effect?(db, before.size..<grown.size)
                    results.append(.success(before.size..<grown.size))
                } catch {
                    // On some errors SQLite gives up the whole transaction; then the jobs before this one are lost too.
                    guard db.isInsideTransaction, !StoreError(error).isOfDisk else { throw error }
                    guard isIsolated else { throw SpoiltGroup() }
                    try db.run("ROLLBACK TO job")
                    grown = before
                    results.append(.failure(error))
                }
                if isIsolated { try db.run("RELEASE job") }
            }
        }
        return (results, grown)
    }

    /// Puts one trace into the database, as the next leaf of the tree.
    func insert(_ trace: ReserveEntry.Trace, to tree: inout MerkleFrontier, _ db: Database) throws {
        guard trace.leaf.count <= TraceDraft.byteLimit else { throw StoreError.traceTooLarge }
        let hash = MerkleHash.leaf(trace.leaf)
        try storing {
            let insert = try db.cachedStatement(
                sql: "INSERT INTO traces (seq, leaf, event, session, actor, hash) VALUES (?, ?, ?, ?, ?, ?)")
            try insert.execute(arguments: [
                Int64(clamping: tree.size), Data(trace.leaf), trace.event, trace.session, trace.actor, hash.withUnsafeBytes { Data($0) },
            ])
            try tree.append(hash) { node in
                guard TileTable.isKept(node) else { return }
                try TileTable(db: db).keep(node)
                if node.level == TileTable.step { try TraceIndex(db: db).add(node.index) }
            }
        }
    }
}

extension Result where Failure == any Error {
    /// Whether the reserve had no room, or could not be written either.
    fileprivate var isUsedUp: Bool {
        switch self {
        case .failure(StoreError.reserveUsedUp), .failure(StoreError.file): true
        default: false
        }
    }
}

extension Database {
    /// Runs a statement that is prepared once.
    fileprivate func run(_ sql: String) throws { try cachedStatement(sql: sql).execute() }

    /// All of `body` or nothing, by statements that are prepared once: many short transactions follow each other.
    fileprivate func transaction(_ body: () throws -> Void) throws {
        try run("BEGIN IMMEDIATE")
        do {
            try body()
            try run("COMMIT")
        } catch {
            // Some errors have ended it already.
            if isInsideTransaction { try rollback() }
            throw error
        }
    }
}
