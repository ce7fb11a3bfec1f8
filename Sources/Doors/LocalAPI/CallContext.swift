internal import Foundation
internal import Hummingbird
internal import Primitives
internal import Sessions

/// What is known of a request besides its bytes: who sends it.
struct CallContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let peer: Peer?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        // Bound to the task of the connection, which this request is served in.
        peer = ConnectedPeer.current?.peer
    }

    /// Throws where the kernel attested nobody: such a connection may do nothing.
    func caller() throws(Refusal) -> Caller {
        guard let peer else { throw Refusal(.forbidden) }
        return Caller(uid: peer.uid, gid: peer.gid, pid: peer.pid, client: peer.client)
    }

    /// systemd units of the program, where they count.
    var units: Set<String> { peer?.facts?.units ?? [] }

    func parameter(_ name: String) throws(Refusal) -> String {
        guard let value = parameters.get(name), !value.isEmpty, value.utf8.count <= 512 else { throw Refusal(.notFound) }
        return value.removingPercentEncoding ?? value
    }
}
