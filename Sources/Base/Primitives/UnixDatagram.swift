import Dispatch  // for the members of C structures (see FileIdentity)
import Glibc

/// Sends datagrams to a Unix socket of this machine: that of the service manager, of the journal.
///
/// The address is looked up with each datagram, so whoever reads there may come and go.
package final class UnixDatagram: Sendable {
    package let path: String
    private let descriptor: Int32
    private let address: [UInt8]

    /// - Parameter path: a file, or with `@` first a name of the abstract namespace (unix(7)).
    package init(to path: String) throws(FileError) {
        guard let address = Self.address(path) else { throw FileError(path, ENAMETOOLONG) }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw FileError(path) }
        self.path = path
        self.address = address
    }

    deinit { close(descriptor) }

    /// - Parameter waits: whether to wait for room where the reader is slow; without it that is the error `EAGAIN`.
    package func send(_ bytes: [UInt8], waits: Bool = false) throws(FileError) {
        let flags = Int32(MSG_NOSIGNAL) | (waits ? 0 : Int32(MSG_DONTWAIT))
        var sent = -1
        repeat {
            sent = address.withUnsafeBytes { address in
                guard let start = address.baseAddress else { return -1 }
                return sendto(
                    descriptor, bytes, bytes.count, flags, start.assumingMemoryBound(to: sockaddr.self), socklen_t(address.count))
            }
        } while sent < 0 && errno == EINTR
        guard sent == bytes.count else { throw FileError(path) }
    }

    /// The bytes of `sockaddr_un`; `nil` where the path does not fit, or is empty.
    private static func address(_ path: String) -> [UInt8]? {
        var name = Array(path.utf8)
        let isAbstract = name.first == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        // A path is ended by a zero; an abstract name is as long as the address says.
        let room = MemoryLayout<sockaddr_un>.size - start - (isAbstract ? 0 : 1)
        guard (isAbstract ? 2...room : 1...room).contains(name.count) else { return nil }
        let family = withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) }
        return family + [UInt8](repeating: 0, count: start - family.count) + name + (isAbstract ? [] : [0])
    }
}
