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
    /// throws, neither it nor they are kept.
    package typealias Effect = @Sendable (Database, Range<UInt64>) throws -> Void

    private struct Job {
        let traces: [(draft: TraceDraft, prepared: PreparedTrace)]
        let effect: Effect
        let answer: CheckedContinuation<Range<UInt64>, any Error>
    }

    private struct State {
        var waiting: [Job] = []
        var isWriting = false
        var tree: MerkleFrontier
    }

    /// How many commits may wait, and how many share one transaction.
    private static let waitingLimit = 10_000
    private static let groupLimit = 500

    let store: StateStore
    let signer: NoteSigner
    let time: any TimeSource
    private let workstation: String
    private let random: any RandomSource
    private let state: Mutex<State>

    /// Goes on where the stored log ends.
    ///
    /// - Parameters:
    ///   - workstation: the name that each trace gives this machine.
    ///   - signer: the key of the log, named after its origin.
    package init(
        store: StateStore, workstation: String, signer: NoteSigner, time: any TimeSource, random: any RandomSource
    ) throws(StoreError) {
        self.store = store
        self.workstation = workstation
        self.signer = signer
        self.time = time
        self.random = random
        let tree = try storing {
            try store.pool.read { db in
                let nodes = NodeTable(db: db)
                let size = try nodes.size()
                let last = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM traces") ?? -1
                guard last < Int64(clamping: size) else { throw StoreError.damaged("trace \(last) is not in the tree of \(size)") }
                return try MerkleProver(nodes: nodes).frontier(size: size)
            }
        }
        state = Mutex(State(tree: tree))
    }

    /// The last committed head.
    package var head: LogHead { state.withLock { LogHead(size: $0.tree.size, root: $0.tree.root) } }

    /// How many commits wait for the next transaction.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Appends traces, together with their effect, and waits until both are on the disk.
    ///
    /// A caller that is cancelled is still answered: the decision may have been made.
    ///
    /// - Returns: the numbers of the traces, in the order of `drafts`.
    /// - Throws: what `effect` threw, or ``StoreError``; then nothing of this call is kept.
    @discardableResult
    package func commit(_ drafts: [TraceDraft], effect: @escaping Effect = { _, _ in }) async throws -> Range<UInt64> {
        let traces = drafts.map { ($0, PreparedTrace($0, salt: random.bytes(16), workstation: workstation)) }
        return try await withCheckedThrowingContinuation { answer in
            let job = Job(traces: traces, effect: effect, answer: answer)
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

    /// Hands one group to the database's own writer queue; no thread of the caller waits.
    private func writeNext() {
        store.pool.asyncWriteWithoutTransaction { db in
            let (jobs, tree) = self.state.withLock { state in
                let jobs = Array(state.waiting.prefix(Self.groupLimit))
                state.waiting.removeFirst(jobs.count)
                return (jobs, state.tree)
            }
            let (results, grown) = self.write(jobs, onto: tree, db)
            let more = self.state.withLock { state in
                state.tree = grown
                state.isWriting = !state.waiting.isEmpty
                return state.isWriting
            }
            if more { self.writeNext() }
            for (job, result) in zip(jobs, results) { job.answer.resume(with: result) }
        }
    }

    /// One transaction with one savepoint a job: a job that fails leaves no trace, takes no number and does not harm the others.
    private func write(
        _ jobs: [Job], onto tree: MerkleFrontier, _ db: Database
    ) -> ([Result<Range<UInt64>, any Error>], MerkleFrontier) {
        var results: [Result<Range<UInt64>, any Error>] = []
        var grown = tree
        do {
            try db.inTransaction(.immediate) {
                for job in jobs {
                    let before = grown
                    try db.run("SAVEPOINT job")
                    do {
                        try append(job, to: &grown, db)
                        try job.effect(db, before.size..<grown.size)
                        results.append(.success(before.size..<grown.size))
                    } catch {
                        // On some errors SQLite gives up the whole transaction; then the jobs before this one are lost too.
                        guard db.isInsideTransaction else { throw error }
                        try db.run("ROLLBACK TO job")
                        grown = before
                        results.append(.failure(error))
                    }
                    try db.run("RELEASE job")
                }
                return .commit
            }
            return (results, grown)
        } catch {
            let failure = StoreError(error)
            return (jobs.map { _ in .failure(failure) }, tree)
        }
    }

    private func append(_ job: Job, to tree: inout MerkleFrontier, _ db: Database) throws {
        let nodes = NodeTable(db: db)
        for (draft, prepared) in job.traces {
            let leaf = prepared.leaf(seq: tree.size)
            guard leaf.count <= TraceDraft.byteLimit else { throw StoreError.traceTooLarge }
            try storing {
                let insert = try db.cachedStatement(
                    sql: "INSERT INTO traces (seq, leaf, event, session, actor) VALUES (?, ?, ?, ?, ?)")
                try insert.execute(arguments: [
                    Int64(clamping: tree.size), Data(leaf), draft.event.rawValue, draft.session,
                    draft.actor?["national_id"]?.string,
                ])
                try tree.append(.leaf(leaf)) { try nodes.insert($0) }
            }
        }
    }
}

extension Database {
    /// Runs a statement that is prepared once.
    fileprivate func run(_ sql: String) throws { try cachedStatement(sql: sql).execute() }
}
