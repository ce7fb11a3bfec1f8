internal import Glibc
internal import Primitives

/// The listening Unix socket: inherited from whoever started us (`LISTEN_FDS`), or bound here. One path from then on.
package struct ListeningSocket: Sendable {
    package let descriptor: Int32
    /// Set when we made the file, so that it is ours to remove.
    package let ownedPath: String?

    /// Why there is no socket to listen on.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// What was handed over as LISTEN_FDS is no listening Unix socket.
        case notListening
        /// Another agent answers there.
        case inUse(path: String)
        /// Something that is not a socket lies there; it is left alone.
        case notASocket(path: String)
        case pathTooLong(path: String)
        case noSuchGroup(name: String)
        /// The system refused; its text.
        case system(step: String, reason: String)

        package var description: String {
            switch self {
            case .notListening: "the descriptor that LISTEN_FDS announces is not a listening Unix socket"
            case .inUse(let path): "another agent answers at \(path); stop it first"
            case .notASocket(let path): "\(path) is not a socket; it is left alone"
            case .pathTooLong(let path): "\(path) is too long for a socket"
            case .noSuchGroup(let name): "there is no group \(name)"
            case .system(let step, let reason): "\(step): \(reason)"
            }
        }
    }

    /// Connections that may wait to be accepted: all clients of a workstation at once.
    package static let backlog: Int32 = 512

    /// The first socket handed over by the service manager, if this process is the one meant (sd_listen_fds(3)).
    package static func inherited(environment: [String: String], processID: Int32) throws(Failure) -> ListeningSocket? {
        guard environment["LISTEN_PID"] == String(processID), let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count >= 1
        else { return nil }
        let first: Int32 = 3
        guard option(SO_DOMAIN, of: first) == AF_UNIX, option(SO_ACCEPTCONN, of: first) == 1 else { throw .notListening }
        _ = fcntl(first, F_SETFD, FD_CLOEXEC)
        return ListeningSocket(descriptor: first, ownedPath: nil)
    }

    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var (value, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    /// Binds `path`. A file left behind by an agent that is gone is removed; a living agent's is not.
    ///
    /// - Parameters:
    ///   - mode: of the socket file; who may open it may talk to the agent.
    ///   - group: of the socket file, by name or number; that of the agent when `nil`.
    package static func bound(path: String, mode: UInt32, group: String? = nil) throws(Failure) -> ListeningSocket {
        let groupID = try group.map { name throws(Failure) in try id(ofGroup: name) }
        try clear(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(step: "socket", reason: reason()) }
        // Nobody may connect between bind and chmod. The file takes the mode of its descriptor; the umask would be that of every thread.
        guard fchmod(descriptor, 0) == 0, try withAddress(path, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
            let failure = Failure.system(step: "bind", reason: reason())
            close(descriptor)
            throw failure
        }
        guard groupID.map({ chown(path, uid_t.max, $0) == 0 }) ?? true, chmod(path, mode_t(mode)) == 0, listen(descriptor, backlog) == 0
        else {
            let failure = Failure.system(step: "listen", reason: reason())
            close(descriptor)
            unlink(path)
            throw failure
        }
        return ListeningSocket(descriptor: descriptor, ownedPath: path)
    }

    /// Removes the file that we made.
    package func remove() {
        if let ownedPath { unlink(ownedPath) }
    }

    private static func clear(_ path: String) throws(Failure) {
        guard let identity = FileIdentity(path: path, followsLinks: false) else { return }
        guard identity.isSocket else { throw .notASocket(path: path) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw .system(step: "socket", reason: reason()) }
        defer { close(probe) }
        if try withAddress(path, { connect(probe, $0, $1) }) == 0 { throw .inUse(path: path) }
        guard errno == ECONNREFUSED else { throw .system(step: "connect", reason: reason()) }
        guard unlink(path) == 0 else { throw .system(step: "unlink", reason: reason()) }
    }

    private static func id(ofGroup name: String) throws(Failure) -> gid_t {
        if let number = gid_t(name) { return number }
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        let result = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
        guard result == 0, found != nil else { throw .noSuchGroup(name: name) }
        return entry.gr_gid
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(Failure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            guard bytes.count < buffer.count else { return false }
            buffer.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw .pathTooLong(path: path) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
