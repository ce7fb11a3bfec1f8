import Dispatch  // for the members of `timeval` (see FileIdentity)
import Glibc
import Platform
import Primitives

/// A connection to a Unix socket, closed when it ends. No call waits beyond its deadline.
struct UnixConnection: ~Copyable {
    let descriptor: Int32

    /// Seconds that connecting may take; it waits only for an agent whose queue is full.
    private static let connectSeconds = 5

    init(path: String) throws(ExchangeFailure) { descriptor = try Self.connected(path) }

    private static func connected(_ path: String) throws(ExchangeFailure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            // The path ends in a zero byte and holds no other.
            guard !bytes.isEmpty, bytes.count < room.count, !bytes.contains(0) else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw .pathTooLong }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(Text("socket")) }
        // On Linux the time limit for sending is that for connecting too (unix(7)).
        var limit = timeval(tv_sec: connectSeconds, tv_usec: 0)
        guard setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size)) == 0,
            connect(descriptor, address)
        else {
            let failure = failure(Text("connexion à \(path)", "connect \(path)"))
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    private static func connect(_ descriptor: Int32, _ address: sockaddr_un) -> Bool {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                while Glibc.connect(descriptor, name, socklen_t(MemoryLayout<sockaddr_un>.size)) != 0 {
                    guard errno == EINTR else { return false }
                }
                return true
            }
        }
    }

    deinit { _ = close(descriptor) }

    /// Who listens there, as the kernel had it when it began to listen.
    borrowing func server() throws(ExchangeFailure) -> ServerCredentials {
        var peer = platform_peer()
        guard platform_peer_credentials(descriptor, &peer) == 0, peer.pid != 0 else { throw .serverUnknown }
        return ServerCredentials(uid: peer.uid, gid: peer.gid, pid: peer.pid)
    }

    /// Sends all of `bytes`, straight from where they lie.
    borrowing func write(_ bytes: UnsafeRawBufferPointer, by deadline: Deadline) throws(ExchangeFailure) {
        var start = 0
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let count = send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            if count >= 0 {
                start += count
            } else if errno == EAGAIN {
                try wait(for: Int16(POLLOUT), by: deadline)
            } else if errno != EINTR {
                throw Self.failure(Text("send"))
            }
        }
    }

    /// Reads what is there, at most the buffer; 0 at the end.
    borrowing func read(into buffer: UnsafeMutableRawBufferPointer, by deadline: Deadline) throws(ExchangeFailure) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count >= 0 { return count }
            if errno == EAGAIN {
                try wait(for: Int16(POLLIN), by: deadline)
            } else if errno != EINTR {
                throw Self.failure(Text("recv"))
            }
        }
    }

    /// Whether there is something to read, or the end, before the deadline.
    borrowing func isReadable(by deadline: Deadline) throws(ExchangeFailure) -> Bool {
        do throws(ExchangeFailure) {
            try wait(for: Int16(POLLIN), by: deadline)
            return true
        } catch {
            guard error == .deadlineExceeded else { throw error }
            return false
        }
    }

    private borrowing func wait(for events: Int16, by deadline: Deadline) throws(ExchangeFailure) {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        let count = poll(&entry, 1, deadline.pollTimeout)
        if count == 0 { throw .deadlineExceeded }
        guard count > 0 || errno == EINTR else { throw Self.failure(Text("poll")) }
    }

    private static func failure(_ step: Text) -> ExchangeFailure { .unreachable(step: step, reason: .system()) }
}
