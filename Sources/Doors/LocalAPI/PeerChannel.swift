internal import Glibc
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Platform
internal import Sessions

/// The process at the other end of a connection, as the kernel had it when it connected.
struct Peer: Sendable {
    let pid: Int32
    let uid: UInt32
    let gid: UInt32
    /// What the configuration made of it as it connected.
    var client = Client.anyone
    /// systemd units it runs in, where they count.
    var units: Set<String> = []

    @TaskLocal static var current: Peer?
}

/// HTTP/1.1 on a connection whose peer the kernel attests (SO_PEERCRED). A connection without that attestation has no peer.
struct PeerChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let http: HTTP1Channel.Value
        let peer: Peer?
        var channel: any Channel { http.channel }
    }

    let base: HTTP1Channel
    /// `nil` where the credentials say all that counts.
    let attestation: Attestation?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        peer(of: channel).flatMap { peer in attested(peer, channel) }.flatMap { peer in
            base.setup(channel: channel, logger: logger).map { Value(http: $0, peer: peer) }
        }
    }

    func handle(value: Value, logger: Logger) async {
        await Peer.$current.withValue(value.peer) { await base.handle(value: value.http, logger: logger) }
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

    /// The peer with the client that it is. Files are read on threads of their own, before the first request is.
    private func attested(_ peer: Peer?, _ channel: any Channel) -> EventLoopFuture<Peer?> {
        guard let attestation, let peer, let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(peer)
        }
        guard attestation.needsProcess else {
            return channel.eventLoop.makeSucceededFuture(attestation.attested(peer, .gone))
        }
        let option = NIOBSDSocket.Option(rawValue: platform_peer_process_option())
        let descriptor: EventLoopFuture<Int32> = options.unsafeGetSocketOption(level: .socket, name: option)
        return descriptor.map { PeerProcess.pinned($0) }
            .flatMapErrorThrowing { error in
                // An older kernel does not know the option; any other error says that the process is gone.
                guard (error as? IOError)?.errnoCode == ENOPROTOOPT else { return .gone }
                let later = platform_open_process(peer.pid)
                return later >= 0 ? .pinned(later) : .unpinned(pid: peer.pid)
            }
            .flatMap { process in
                attestation.pool.runIfActive(eventLoop: channel.eventLoop) { attestation.attested(peer, process) }
            }
    }
}
