internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Platform
internal import Sessions

/// What a connection is held to be: the facts about its process, and the client that the configuration makes of them.
struct Attestation: Sendable {
    let clients: ClientsInForce
    /// Whether it counts what units programs run in, whatever the configuration asks for.
    let needsUnits: Bool
    let inspector: any PeerInspecting
    /// Where files of other processes are read; digests of large programs take their time.
    let pool: NIOThreadPool

    /// The peer with the client that it is. Files are read on threads of their own, before the first request is, and again before the next
    /// one when the configuration has changed. `nil` where it cannot be known any more: it has to connect again.
    func attested(_ peer: Peer?, _ channel: any Channel) -> EventLoopFuture<Peer?> {
        let (table, version) = clients.local
        guard let connected = peer, let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        guard needsUnits || table?.needsProcess ?? false else {
            let peer = connected.matched(ClientFacts(uid: connected.uid, groups: [connected.gid]), table, version)
            return channel.eventLoop.makeSucceededFuture(peer)
        }
        let option = NIOBSDSocket.Option(rawValue: platform_peer_process_option())
        let descriptor: EventLoopFuture<Int32> = options.unsafeGetSocketOption(level: .socket, name: option)
        return descriptor.map { PeerProcess.pinned($0) }
            .flatMapErrorThrowing { error in
                // An older kernel does not know the option; any other error says that the process is gone.
                guard (error as? IOError)?.errnoCode == ENOPROTOOPT else { return .gone }
                // By now its number may be another's.
                guard connected.version == nil else { return .remembered }
                let later = platform_open_process(connected.pid)
                return later >= 0 ? .pinned(later) : .unpinned(pid: connected.pid)
            }
            .flatMap { process in
                pool.runIfActive(eventLoop: channel.eventLoop) { attested(connected, process, table, version) }
            }
    }

    /// - Parameter table: `nil` where every program may do everything for its own user.
    func attested(_ peer: Peer, _ process: PeerProcess, _ table: ClientTable?, _ version: Int) -> Peer? {
        var facts = peer.facts
        if case .remembered = process {
            guard let facts, facts.sha256 != nil || !(table?.needsDigest(facts) ?? false) else { return nil }
        } else {
            facts = inspector.facts(of: process, uid: peer.uid, gid: peer.gid) { table?.needsDigest($0) ?? false }
        }
        guard let facts else { return nil }
        var peer = peer
        peer.facts = facts
        return peer.matched(facts, table, version)
    }
}

extension Peer {
    fileprivate func matched(_ facts: ClientFacts, _ table: ClientTable?, _ version: Int) -> Peer {
        var peer = self
        peer.client = table?.match(facts) ?? .anyone
        peer.version = version
        return peer
    }
}

/// The process at the other end, as far as the kernel lets it be held on to.
enum PeerProcess: Sendable {
    /// By a descriptor that stands for this process and no later one; whoever reads the facts closes it.
    case pinned(Int32)
    /// By its number alone.
    case unpinned(pid: Int32)
    /// Not at all now: by what was found out as it connected.
    case remembered
    case gone
}

/// Finds out what can be known of a peer.
protocol PeerInspecting: Sendable {
    /// What cannot be read, or may be about another process, is left out. Blocks while it reads.
    ///
    /// - Parameter needsDigest: asked once, with all other facts.
    func facts(of process: PeerProcess, uid: UInt32, gid: UInt32, needsDigest: (ClientFacts) -> Bool) -> ClientFacts
}
