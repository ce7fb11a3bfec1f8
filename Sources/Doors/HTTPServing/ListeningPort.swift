internal import Glibc

/// A TCP port of one address that listens.
package struct ListeningPort: Sendable {
    package let descriptor: Int32
    /// The one that was asked for; where that was 0, the one that the system chose.
    package let port: Int

    /// Why there is no port to listen on.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case unknownHost(String)
        /// Another program, or another agent, listens there.
        case inUse(String, Int)
        /// No network interface of this machine has the address.
        case notOurs(String)
        /// Ports below 1024 need a privilege.
        case forbidden(Int)
        /// The system refused; its text.
        case system(step: String, reason: String)

        package var description: String {
            switch self {
            case .unknownHost(let host): "\(host) is no address and no name of one"
            case .inUse(let host, let port): "another program, or another agent, listens on port \(port) of \(host); stop it first"
            case .notOurs(let host): "no network interface of this machine has the address \(host)"
            case .forbidden(let port): "port \(port) may not be used by this user: take one above 1023, or give CAP_NET_BIND_SERVICE"
            case .system(let step, let reason): "\(step): \(reason)"
            }
        }
    }

    /// Connections that may wait to be accepted.
    package static let backlog: Int32 = 512

    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address, or a name of one; the first address of a name is taken.
    ///   - port: 0 for any that is free.
    package static func bound(host: String, port: Int) throws(Failure) -> ListeningPort {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found?.pointee else { throw .unknownHost(host) }
        defer { freeaddrinfo(found) }
        let descriptor = socket(address.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(step: "socket", reason: String(cString: strerror(errno))) }
        // Connections of a moment ago must not keep an agent that starts again from its port.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, backlog) == 0,
            let own = Self.port(of: descriptor)
        else {
            let number = errno
            close(descriptor)
            switch number {
            case EADDRINUSE: throw .inUse(host, port)
            case EADDRNOTAVAIL: throw .notOurs(host)
            case EACCES, EPERM: throw .forbidden(port)
            default: throw .system(step: "listen", reason: String(cString: strerror(number)))
            }
        }
        return ListeningPort(descriptor: descriptor, port: own)
    }

    private static func port(of descriptor: Int32) -> Int? {
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        // The port stands at the same place in the addresses of both families.
        return result == 0 ? Int(UInt16(bigEndian: address.sin6_port)) : nil
    }
}
