import Audit
import Primitives

extension TraceLog {
    /// Asks the witness for a decision that neither the database nor the reserve can take. What is acknowledged waits in memory, as the
    /// next leaves of the tree, for a database that can be written again; it is kept outside should the agent end before that.
    func witnessed(_ job: Job, onto tree: MerkleFrontier) async -> (result: Result<Range<UInt64>, any Error>, tree: MerkleFrontier) {
        guard let witness, let reserve else { return (.failure(StoreError.reserveUsedUp), tree) }
        var grown = tree
        var traces: [ReserveEntry.Trace] = []
        for (draft, prepared) in job.traces {
            let leaf = prepared.leaf(seq: grown.size)
            guard leaf.count <= TraceDraft.byteLimit else { return (.failure(StoreError.traceTooLarge), tree) }
            grown.append(.leaf(leaf))
            traces.append(ReserveEntry.Trace(draft, leaf: leaf))
        }
        // A database that cannot be read either takes no emergency away.
        let checkpoint = (try? await latestCheckpoint()) ?? nil
        do throws(WitnessFailure) {
            try await witness.acknowledge(traces.map(\.leaf), from: tree.size, after: checkpoint)
        } catch {
            return (.failure(StoreError.notWitnessed(error.reason)), tree)
        }
        reserve.remember(ReserveEntry(urgency: job.urgency, traces: traces, changes: job.changes), at: time.now())
        return (.success(tree.size..<grown.size), grown)
    }
}
