import Audit
import GRDB
import Primitives

extension TraceLog {
    /// Writes what waits in the reserve into the database, if that can be written again, and makes a reserve that is missing.
    package func recover() async {
        guard let reserve else { return }
        if reserve.isMissing { reserve.prepare() }
        guard reserve.isInUse else { return }
        // Fails for as long as the database cannot be written; whoever asks comes again.
        _ = try? await commit([])
    }

    /// Returns when the one who writes has come to it: soon, unless the disk hangs.
    package func takeTurn() async {
        await withCheckedContinuation { turn in store.pool.asyncWriteWithoutTransaction { _ in turn.resume() } }
    }

    /// Appends what waits in the reserve to the tree of the database, as it was answered.
    func moveReserve(onto tree: inout MerkleFrontier, _ db: Database) throws {
        guard let reserve, reserve.isInUse else { return }
        let (entries, since) = reserve.waiting
        let first = tree.size
        for entry in entries {
            for trace in entry.traces { try insert(trace, to: &tree, db) }
            for change in entry.changes { try change.apply(db) }
        }
        var draft = TraceDraft(.auditReserveEmptied, .info, at: time.now())
        draft.detail = .members([
            "first": .int(Int64(clamping: first)), "last": .int(Int64(clamping: tree.size) - 1),
            "since": since.map { .string($0.description) },
        ])
        try insert(numbered(draft, tree.size), to: &tree, db)
    }

    /// Puts those decisions into the reserve that may use it; the others fail as the database did.
    func keep(
        _ jobs: [Job], onto tree: MerkleFrontier, because failure: StoreError
    ) -> (results: [Result<Range<UInt64>, any Error>], tree: MerkleFrontier) {
        let refused: [Result<Range<UInt64>, any Error>] = jobs.map { _ in .failure(failure) }
        guard let reserve, jobs.contains(where: \.mayUseReserve) else { return (refused, tree) }
        var plan = ReservePlan(tree: tree, tally: reserve.tally)
        let isFirst = !reserve.isInUse
        if isFirst {
            var draft = TraceDraft(.auditReserveUsed, .failed, at: time.now())
            draft.reason = "\(failure)"
            _ = plan.add([PreparedTrace(draft, salt: random.bytes(16), workstation: workstation)], [draft], .agent, [])
        }
        let results = jobs.map { job -> Result<Range<UInt64>, any Error> in
            guard job.mayUseReserve else { return .failure(failure) }
            return plan.add(job.traces.map(\.prepared), job.traces.map(\.draft), job.urgency, job.changes).mapError { $0 }
        }
        guard results.contains(where: { (try? $0.get()) != nil }) else { return (results, tree) }
        do throws(StoreError) {
            try reserve.write(ReserveFrame(firstSequence: tree.size, writtenAt: time.now(), entries: plan.entries))
        } catch {
            return (jobs.map { .failure($0.mayUseReserve ? error : failure) }, tree)
        }
        if isFirst { written([TraceDraft(.auditReserveUsed, .failed, at: time.now())]) }
        return (results, plan.tree)
    }

    private func numbered(_ draft: TraceDraft, _ sequence: UInt64) -> ReserveEntry.Trace {
        ReserveEntry.Trace(draft, leaf: PreparedTrace(draft, salt: random.bytes(16), workstation: workstation).leaf(seq: sequence))
    }
}

/// The decisions that one frame of the reserve will hold.
private struct ReservePlan {
    var tree: MerkleFrontier
    var tally: ReserveTally
    private(set) var entries: [ReserveEntry] = []

    init(tree: MerkleFrontier, tally: ReserveTally) {
        self.tree = tree
        self.tally = tally
    }

    /// Adds a decision if there is room for it.
    mutating func add(
        _ prepared: [PreparedTrace], _ drafts: [TraceDraft], _ urgency: Urgency, _ changes: [StoredChange]
    ) -> Result<Range<UInt64>, StoreError> {
        var grown = tree
        var traces: [ReserveEntry.Trace] = []
        for (prepared, draft) in zip(prepared, drafts) {
            let leaf = prepared.leaf(seq: grown.size)
            guard leaf.count <= TraceDraft.byteLimit else { return .failure(.traceTooLarge) }
            grown.append(.leaf(leaf))
            traces.append(ReserveEntry.Trace(draft, leaf: leaf))
        }
        let entry = ReserveEntry(urgency: urgency, traces: traces, changes: changes)
        switch tally.admit(entry) {
        case .admitted: break
        case .shareUsedUp: return .failure(.reserveUsedUp)
        case .quotaUsedUp: return .failure(.quotaUsedUp)
        }
        entries.append(entry)
        defer { tree = grown }
        return .success(tree.size..<grown.size)
    }
}

extension ReserveEntry.Trace {
    init(_ draft: TraceDraft, leaf: [UInt8]) {
        self.init(leaf: leaf, event: draft.event.rawValue, session: draft.session, actor: draft.actor?["national_id"]?.string)
    }
}

extension StoreError {
    /// Whether the disk refused: no space, no quota, errors of the device, or read-only.
    var isOfDisk: Bool {
        guard case .database(let code, _) = self else { return false }
        switch ResultCode(rawValue: code).primaryResultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN: return true
        default: return false
        }
    }
}
