import Glibc

/// Why a socket cannot be used: what was tried, and the system's reason.
package struct SocketError: Error, Hashable, Sendable, CustomStringConvertible {
    package let operation: String
    package let reason: String

    package init(_ operation: String, reason: String) {
        self.operation = operation
        self.reason = reason
    }

    static func last(_ operation: String) -> SocketError { SocketError(operation, reason: String(cString: strerror(errno))) }

    package var description: String { "cannot \(operation): \(reason)" }
}

/// The few socket calls of the virtual reader. Descriptors are closed by whoever holds them.
enum Sockets {
    /// A TCP connection with small segments sent at once.
    static func connect(host: String, port: UInt16) throws(SocketError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let address = found else {
            throw SocketError("find \(host)", reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(address) }
        let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .last("open a socket") }
        guard Glibc.connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 else {
            let error = SocketError.last("reach the virtual reader")
            close(descriptor)
            throw error
        }
        set(descriptor, TCP_NODELAY)
        acknowledgeAtOnce(descriptor)
        return descriptor
    }

    /// Asks for the next acknowledgement without delay; the kernel forgets this, so it is asked again after each receipt.
    static func acknowledgeAtOnce(_ descriptor: Int32) { set(descriptor, TCP_QUICKACK) }

    /// Lets the coming close break the connection instead of ending it: the other side gets an error, not an end of data.
    static func abortOnClose(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    private static func set(_ descriptor: Int32, _ option: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Runs `body` with the address of a Unix socket; a path holds at most 107 bytes.
    static func withAddress<Result>(
        of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) throws(SocketError) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SocketError("use \(path)", reason: "the path is empty or too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    /// A connection to a Unix socket.
    static func connect(path: String) throws(SocketError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .last("open a socket") }
        do throws(SocketError) {
            let status = try withAddress(of: path) { Glibc.connect(descriptor, $0, $1) }
            guard status == 0 else { throw SocketError.last("reach \(path)") }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Everything, or false when the other side is gone.
    static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// What has come, at most 4096 bytes; `nil` when the other side is gone.
    static func receive(from descriptor: Int32) -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &block, block.count, 0)
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Array(block[..<count]) : nil
        }
    }
}
