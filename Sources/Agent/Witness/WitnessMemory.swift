package import Primitives
package import Sessions

/// A checkpoint as it was signed and stored.
package struct SignedCheckpoint: Hashable, Sendable {
    package let size: UInt64
    package let note: String

    package init(size: UInt64, note: String) {
        self.size = size
        self.note = note
    }
}

/// How far one anchor has come, as it is remembered across restarts.
package struct AnchorRecord: Hashable, Sendable {
    /// It has every checkpoint up to this size.
    package var size: UInt64 = 0
    /// When it took the last one.
    package var at: Timestamp?
    /// Why it takes none now; `nil` while it does.
    package var failure: String?

    package init(size: UInt64 = 0, at: Timestamp? = nil, failure: String? = nil) {
        self.size = size
        self.at = at
        self.failure = failure
    }
}

/// A time-stamp of a checkpoint (RFC 3161).
package struct StampedCheckpoint: Hashable, Sendable {
    package let checkpoint: SignedCheckpoint
    /// TimeStampToken in DER, over the bytes of the note.
    package let token: [UInt8]
    package let time: Timestamp

    package init(checkpoint: SignedCheckpoint, token: [UInt8], time: Timestamp) {
        self.checkpoint = checkpoint
        self.token = token
        self.time = time
    }
}

/// What outlives the agent of checkpoints and their witnesses.
package protocol WitnessMemory: Sendable {
    /// Stored checkpoints of more than `size` traces, oldest first.
    func checkpoints(after size: UInt64, limit: Int) async throws(LedgerFailure) -> [SignedCheckpoint]

    /// The newest stored checkpoint; `nil` before the first.
    func newestCheckpoint() async throws(LedgerFailure) -> SignedCheckpoint?

    func anchor(_ name: String) async throws(LedgerFailure) -> AnchorRecord?

    func remember(_ record: AnchorRecord, of name: String) async throws(LedgerFailure)

    /// The stamp of the newest checkpoint that has one.
    func newestStamp() async throws(LedgerFailure) -> StampedCheckpoint?

    func remember(_ stamp: StampedCheckpoint) async throws(LedgerFailure)
}
