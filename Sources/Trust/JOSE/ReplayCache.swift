internal import Crypto
internal import FoundationEssentials
package import Primitives
internal import Synchronization

/// Remembers what may be used once: the `jti` of proofs and assertions, for as long as their dates would let them pass again.
///
/// Its size is bounded. When it is full it refuses: it never forgets what could still be replayed.
package final class ReplayCache: Sendable {
    package enum Answer: Hashable, Sendable {
        case new
        case replayed
        /// Nothing more can be remembered until something becomes too old.
        case full
    }

    /// SHA-256 of owner and identifier, cut to 128 bits.
    private struct Mark: Hashable, Sendable {
        let high: UInt64
        let low: UInt64
    }

    private struct State {
        var known: Set<Mark> = []
        /// Oldest first, from ``first`` on.
        var order: [(mark: Mark, forgotten: Duration)] = []
        var first = 0
    }

    private let kept: Duration
    private let capacity: Int
    private let time: any TimeSource
    private let state = Mutex(State())

    /// - Parameters:
    ///   - seconds: how long one is remembered: from the earliest to the latest moment at which it could pass.
    package init(keeping seconds: Int64, capacity: Int = 65_536, time: any TimeSource) {
        kept = .seconds(seconds)
        self.capacity = capacity
        self.time = time
    }

    /// For proofs: one that is dated at the end of the window passes for twice its width.
    package convenience init(proofsWithin window: Int64 = DPoPProof.window, capacity: Int = 65_536, time: any TimeSource) {
        self.init(keeping: 2 * window + 1, capacity: capacity, time: time)
    }

    /// Says whether `identifier` is new for `owner`, and remembers it.
    package func admit(_ identifier: String, of owner: String) -> Answer {
        let mark = Self.mark(identifier, owner)
        let now = time.sinceBoot()
        return state.withLock { state in
            forgetOld(&state, now)
            guard !state.known.contains(mark) else { return .replayed }
            guard state.known.count < capacity else { return .full }
            state.known.insert(mark)
            state.order.append((mark, now + kept))
            return .new
        }
    }

    /// The same for a proof that passed its checks, as its refusal.
    package func admit(_ proof: DPoPProof) throws(DPoPRefusal) {
        switch admit(proof.jti, of: proof.thumbprint) {
        case .new: return
        case .replayed: throw .replayed
        case .full: throw .tooMany
        }
    }

    private func forgetOld(_ state: inout State, _ now: Duration) {
        while state.first < state.order.count, state.order[state.first].forgotten <= now {
            state.known.remove(state.order[state.first].mark)
            state.first += 1
        }
        guard state.first > 1024, state.first * 2 > state.order.count else { return }
        state.order.removeFirst(state.first)
        state.first = 0
    }

    private static func mark(_ identifier: String, _ owner: String) -> Mark {
        var hash = SHA256()
        hash.update(data: Array(SHA256.hash(data: Array(owner.utf8))))
        hash.update(data: Array(identifier.utf8))
        let digest = Array(hash.finalize())
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        return Mark(high: word(digest[0..<8]), low: word(digest[8..<16]))
    }
}
