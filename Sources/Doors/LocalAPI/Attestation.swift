internal import NIOPosix
internal import Sessions

/// What a connection is held to be: the facts about its process, and the client that the table makes of them.
struct Attestation: Sendable {
    /// `nil` without a `clients` section.
    let table: ClientTable?
    /// Whether it counts what units programs run in, whatever the table asks for.
    let needsUnits: Bool
    let inspector: any PeerInspecting
    /// Where files of other processes are read; digests of large programs take their time.
    let pool: NIOThreadPool

    func attested(_ peer: Peer, _ process: PeerProcess) -> Peer {
        var peer = peer
        let facts = inspector.facts(of: process, uid: peer.uid, gid: peer.gid) { table?.needsDigest($0) ?? false }
        if let table { peer.client = table.match(facts) }
        peer.units = facts.units
        return peer
    }

    /// Whether more counts than the credentials of the connection.
    var needsProcess: Bool { needsUnits || table?.needsProcess ?? false }
}

/// The process at the other end, as far as the kernel lets it be held on to.
enum PeerProcess: Sendable {
    /// By a descriptor that stands for this process and no later one; whoever reads the facts closes it.
    case pinned(Int32)
    /// By its number alone.
    case unpinned(pid: Int32)
    case gone
}

/// Finds out what can be known of a peer.
protocol PeerInspecting: Sendable {
    /// What cannot be read, or may be about another process, is left out. Blocks while it reads.
    ///
    /// - Parameter needsDigest: asked once, with all other facts.
    func facts(of process: PeerProcess, uid: UInt32, gid: UInt32, needsDigest: (ClientFacts) -> Bool) -> ClientFacts
}
