import Audit
import Primitives
import Sessions
import Synchronization
import Witness

/// What is remembered of witnesses, in memory.
final class Memory: WitnessMemory {
    private struct State {
        var checkpoints: [SignedCheckpoint] = []
        var anchors: [String: AnchorRecord] = [:]
        var stamps: [StampedCheckpoint] = []
    }

    private let state = Mutex(State())

    func sign(_ sizes: UInt64...) { state.withLock { $0.checkpoints += sizes.map { SignedCheckpoint(size: $0, note: "note \($0)\n") } } }

    var stamps: [StampedCheckpoint] { state.withLock { $0.stamps } }

    func checkpoints(after size: UInt64, limit: Int) async throws(LedgerFailure) -> [SignedCheckpoint] {
        state.withLock { Array($0.checkpoints.filter { $0.size > size }.prefix(limit)) }
    }

    func newestCheckpoint() async throws(LedgerFailure) -> SignedCheckpoint? { state.withLock { $0.checkpoints.last } }

    func anchor(_ name: String) async throws(LedgerFailure) -> AnchorRecord? { state.withLock { $0.anchors[name] } }

    func remember(_ record: AnchorRecord, of name: String) async throws(LedgerFailure) { state.withLock { $0.anchors[name] = record } }

    func newestStamp() async throws(LedgerFailure) -> StampedCheckpoint? { state.withLock { $0.stamps.last } }

    func remember(_ stamp: StampedCheckpoint) async throws(LedgerFailure) { state.withLock { $0.stamps.append(stamp) } }
}

/// An anchor that does what a test tells it.
final class Target: AnchorTarget {
    let name = "vault"
    let kind = "file"
    private let state = Mutex<(notes: [String], failure: FetchFailure?)>(([], nil))

    var notes: [String] { state.withLock { $0.notes } }

    func fails(_ failure: FetchFailure?) { state.withLock { $0.failure = failure } }

    func keep(_ notes: [String]) async throws(FetchFailure) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        state.withLock { $0.notes += notes }
    }

    func kept(signedBy keys: [NoteVerifier]) async throws(FetchFailure) -> KeptCheckpoints? { nil }
}
