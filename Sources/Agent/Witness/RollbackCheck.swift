package import Audit
package import Sessions

/// The log is not the one that an anchor has checkpoints of: cut short, replaced, sealed anew, or put back from a copy.
package struct Rollback: Hashable, Sendable {
    /// The name of the anchor.
    package let anchor: String
    /// The traces that are gone, or are not those that were signed; both included.
    package let range: ClosedRange<UInt64>
    /// The checkpoint that shows it.
    package let checkpoint: Checkpoint
    /// Whether a key signed it that this log knows.
    package let isSigned: Bool
}

/// Compares the log with what anchors have of it.
package struct RollbackCheck: Sendable {
    package typealias Root = @Sendable (UInt64) async throws(LedgerFailure) -> MerkleHash?

    private let origin: String
    private let size: UInt64
    private let root: Root

    /// - Parameters:
    ///   - origin: the name of the log. Checkpoints of other names are of other logs, such as this one before an earlier rollback.
    ///   - size: how many traces it has.
    ///   - root: the root it had at a size; `nil` when it never was that long.
    package init(origin: String, size: UInt64, root: @escaping Root) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// What the checkpoints of an anchor show; `nil` when the log begins with the newest of them.
    package func compare(_ kept: KeptCheckpoints, of anchor: String) async throws(LedgerFailure) -> Rollback? {
        let own = kept.checkpoints.filter { $0.origin == origin }
        if let newest = own.last, try await root(newest.size) != newest.root {
            return Rollback(anchor: anchor, range: try await range(own, newest), checkpoint: newest, isSigned: true)
        }
        // Of this name, longer than anything this log's keys signed: the log and its keys are not those that were there.
        guard let foreign = kept.foreign.filter({ $0.origin == origin }).max(by: { $0.size < $1.size }),
            foreign.size > own.last?.size ?? 0, try await root(foreign.size) != foreign.root
        else { return nil }
        let first = min(own.last?.size ?? 0, foreign.size - 1)
        return Rollback(anchor: anchor, range: first...(foreign.size - 1), checkpoint: foreign, isSigned: false)
    }

    /// From the last checkpoint that the log agrees with, or from its end when nothing before that contradicts.
    private func range(_ own: [Checkpoint], _ newest: Checkpoint) async throws(LedgerFailure) -> ClosedRange<UInt64> {
        var (first, isCutShort) = (UInt64(0), newest.size > size)
        for checkpoint in own.reversed() where checkpoint.size <= size {
            if try await root(checkpoint.size) == checkpoint.root {
                first = checkpoint.size
                break
            }
            isCutShort = false
        }
        if isCutShort { first = size }
        return first...(max(newest.size, first + 1) - 1)
    }
}
