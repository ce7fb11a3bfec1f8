package import Audit
package import Primitives

/// Reading the log and proving it: what doors offer to those who may.
package protocol AuditReading: Sendable {
    /// Traces from `from` on, oldest first, as stored.
    func traces(from: UInt64, limit: Int) async throws(LedgerFailure) -> [(seq: UInt64, leaf: [UInt8])]

    /// Traces that match, a page of them.
    func search(_ query: TraceQuery) async throws(LedgerFailure) -> TracePage

    /// A signed note over the log as it is now.
    func checkpoint() async throws(LedgerFailure) -> String

    /// The key that checkpoints are signed with, as a C2SP verifier key.
    var verificationKey: String { get }

    /// What an export of `range` says of itself, for the log as the newest checkpoint signs it; `nil` when there is no such range.
    func manifest(_ range: ClosedRange<UInt64>?) async throws(LedgerFailure) -> (manifest: BundleManifest, note: String)?

    /// Time-stamps of checkpoints up to this size, the newest first.
    func stamps(upTo size: UInt64) async throws(LedgerFailure) -> [BundleStamp]

    /// That trace `seq` is in the log as it was at `size` traces, else as the newest checkpoint signs it; `nil` when there is no such
    /// trace or tree.
    func inclusion(of seq: UInt64, size: UInt64?) async throws(LedgerFailure) -> InclusionProof?

    /// That the log of `from` traces is the beginning of the log at `size` traces, else as the newest checkpoint signs it; `nil` when it
    /// never was that long.
    func consistency(from: UInt64, size: UInt64?) async throws(LedgerFailure) -> ConsistencyProof?

    /// Every key that the log is or was signed with, oldest first.
    func keys() async throws(LedgerFailure) -> [JSON]

    /// A new key from now on, with this trace; gives it as a C2SP verifier key.
    func rotateKey(_ trace: TraceDraft) async throws(LedgerFailure) -> String

    /// What the newest rollback was found to be; `nil` when there was none since the configuration gave the log its name.
    func rollback() async throws(LedgerFailure) -> JSON?

    /// The reserve of the log; `nil` when it has none.
    var reserve: ReserveStatus? { get }

    /// Computes everything again from the stored traces. Whoever is cancelled gets a failure.
    ///
    /// - Parameter progress: is told now and then how many of how many traces are done.
    func check(
        progress: @escaping @Sendable (_ done: UInt64, _ of: UInt64) -> Void
    ) async throws(LedgerFailure) -> AuditCheck
}

/// What a full check of the log found.
package enum AuditCheck: Hashable, Sendable {
    case sound(size: UInt64, root: MerkleHash, checkpoint: UInt64?)
    /// `firstBad` where it can be told.
    case broken(firstBad: UInt64?, reason: String)

    package var isSound: Bool { if case .sound = self { true } else { false } }

    /// For the trace of the check.
    package var detail: JSON {
        switch self {
        case .sound(let size, let root, _): ["size": .int(Int64(clamping: size)), "root": .string(Hex.encode(root.bytes))]
        case .broken(let first, let reason):
            ["first_bad": first.map { .int(Int64(clamping: $0)) } ?? .null, "problem": .string(reason)]
        }
    }

    /// For whoever asked for it.
    package var json: JSON {
        switch self {
        case .sound(let size, let root, let checkpoint):
            return [
                "valid": true, "size": .int(Int64(clamping: size)), "root": .string(Hex.encode(root.bytes)),
                "checkpoint": checkpoint.map { .int(Int64(clamping: $0)) } ?? .null,
            ]
        case .broken(let first, let reason):
            var members: [String: JSON] = ["valid": false, "detail": .string(reason)]
            members["first_bad"] = first.map { .int(Int64(clamping: $0)) }
            return .object(members)
        }
    }
}
