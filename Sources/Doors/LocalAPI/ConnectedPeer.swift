internal import NIOCore
internal import Sessions
internal import Synchronization

/// The peer of a connection, for the requests that come on it.
final class ConnectedPeer: Sendable {
    @TaskLocal static var current: ConnectedPeer?

    private let state: Mutex<Peer?>

    init(_ peer: Peer?) { state = Mutex(peer) }

    /// `nil` where nobody is attested.
    var peer: Peer? { state.withLock { $0 } }

    /// Finds out again which client it is where the configuration has changed since: before each request, so that nobody goes on with what
    /// was taken away.
    func matchAgain(_ attestation: Attestation, _ channel: any Channel) async throws {
        guard let known = peer, known.version != attestation.clients.local.version else { return }
        let matched = try await attestation.attested(known, channel).get()
        state.withLock { $0 = matched }
    }
}
