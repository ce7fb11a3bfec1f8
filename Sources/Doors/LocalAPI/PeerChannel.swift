internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import Platform
internal import Sessions

/// The process at the other end of a connection, as the kernel had it when it connected.
struct Peer: Sendable {
    let pid: Int32
    let uid: UInt32
    let gid: UInt32
    /// What the configuration makes of it.
    var client = Client.anyone
    /// Which configuration that was (``ClientsInForce/local``); `nil` until it is known.
    var version: Int?
    /// What is known of its process, where it counts.
    var facts: ClientFacts?
}

/// HTTP/1.1 on a connection whose peer the kernel attests (SO_PEERCRED). A connection without that attestation has no peer.
struct PeerChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let http: HTTP1Channel.Value
        let peer: Peer?
        var channel: any Channel { http.channel }
    }

    let base: HTTP1Channel
    let attestation: Attestation

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        peer(of: channel).flatMap { peer in attestation.attested(peer, channel) }.flatMap { peer in
            base.setup(channel: channel, logger: logger).map { Value(http: $0, peer: peer) }
        }
    }

    func handle(value: Value, logger: Logger) async {
        await ConnectedPeer.$current.withValue(ConnectedPeer(value.peer)) { await base.handle(value: value.http, logger: logger) }
    }

    private func peer(of channel: any Channel) -> EventLoopFuture<Peer?> {
        guard case .unixDomainSocket? = channel.localAddress, let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        // The option is read as a struct of the same layout; what the C header calls it does not matter here.
        let credentials: EventLoopFuture<platform_peer> = options.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: platform_peer_option()))
        return credentials.map { $0.pid == 0 ? nil : Peer(pid: $0.pid, uid: $0.uid, gid: $0.gid) }
    }
}
