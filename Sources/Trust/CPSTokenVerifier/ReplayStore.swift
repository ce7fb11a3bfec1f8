internal import JOSE
package import Primitives

/// Remembers proofs, so that each serves once (RFC 9449 §11.1). Servers that share their work must share the store too.
public protocol ReplayStore: Sendable {
    /// Whether `identifier` was not there yet; from now on it is, for at least ``TokenVerifier/proofMemory``. Asking and remembering must
    /// be one step. An error, or a store that is full, refuses the request.
    func isNew(_ identifier: String) async throws -> Bool
}

/// The store of one process, in memory.
public final class MemoryReplayStore: ReplayStore {
    private let cache: ReplayCache

    /// It is full with so many proofs in the last two minutes.
    public struct Full: Error {}

    public convenience init(capacity: Int = 65_536) { self.init(capacity: capacity, time: SystemTime()) }

    package init(capacity: Int, time: any TimeSource) {
        cache = ReplayCache(proofsWithin: DPoPProof.window, capacity: capacity, time: time)
    }

    public func isNew(_ identifier: String) throws(Full) -> Bool {
        switch cache.admit(identifier, of: "") {
        case .new: true
        case .replayed: false
        case .full: throw Full()
        }
    }
}

/// Nonces that a server asks for in proofs (RFC 9449 §9), so that none can be made in advance. Each serves for two to four minutes, and
/// in this process alone.
public struct ServerNonces: Sendable {
    private let source: NonceSource

    public init() { self.init(random: SystemRandom(), time: SystemTime()) }

    package init(random: any RandomSource, time: any TimeSource) { source = NonceSource(random: random, time: time) }

    /// For the header `DPoP-Nonce` of any answer.
    public var current: String { source.current() }

    func accepts(_ nonce: String) -> Bool { source.accepts(nonce) }
}
