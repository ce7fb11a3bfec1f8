import Dispatch
import Glibc

/// A Unix socket that takes datagrams, in the place of the service manager's or the journal's.
package final class DatagramListener: Sendable {
    package struct Failure: Error { let number: Int32 }

    /// With `@` first where its name is abstract.
    package let path: String
    private let descriptor: Int32

    package convenience init(isAbstract: Bool) throws {
        let name = "datagrams-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try self.init(path: isAbstract ? "@\(name)" : "/tmp/\(name)")
    }

    package init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let isAbstract = path.hasPrefix("@")
        let size = isAbstract ? 2 + bytes.count : MemoryLayout<sockaddr_un>.size
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(size)) }
        }
        guard result == 0 else { throw Failure(number: errno) }
    }

    deinit {
        Glibc.close(descriptor)
        if path.hasPrefix("/") { unlink(path) }
    }

    /// Nobody listens any more; the file stays.
    package func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The next datagram; `nil` when none comes within some seconds.
    package func next() -> [UInt8]? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 20_000) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 262_144)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count >= 0 ? Array(buffer[..<count]) : nil
    }

    /// The same as text.
    package func nextText() -> String? { next().map { String(decoding: $0, as: UTF8.self) } }
}
