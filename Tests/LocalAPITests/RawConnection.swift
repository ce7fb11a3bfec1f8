import Glibc

/// The client's end of a connection, byte by byte, never blocking.
final class RawConnection {
    private let descriptor: Int32
    private var received: [UInt8] = []
    /// The other end has closed.
    private(set) var isClosed = false

    struct Unable: Error {}

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Unable() }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func get(_ target: String, _ fields: String = "") { send("GET /v1/\(target) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n") }

    /// The other end has closed; nothing is read to know it.
    var isHungUp: Bool {
        var entry = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&entry, 1, 0) == 1 && entry.revents & Int16(POLLHUP) != 0
    }

    /// Takes what has come.
    func read() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { received += buffer[..<count] }
            if count == 0 || (count < 0 && errno != EAGAIN) { isClosed = true }
            if count <= 0 { return }
        }
    }

    /// Waits until this text has come.
    func hears(_ expected: String) async -> Bool {
        await comesTrue {
            read()
            return count(expected) > 0
        }
    }

    func isCut() async -> Bool {
        await comesTrue {
            read()
            return isClosed
        }
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    /// What was heard so far is forgotten.
    func forget() { received = [] }

    /// How often this text has come.
    func count(_ expected: String) -> Int {
        (received + [0]).withUnsafeBytes { bytes in
            guard var place = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return 0 }
            var found = 0
            while let match = strstr(place, expected) {
                found += 1
                place = UnsafePointer(match) + expected.utf8.count
            }
            return found
        }
    }
}

/// Looks again and again, a little apart so that the server can work; whether it came true in time.
func comesTrue(_ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now.advanced(by: .seconds(120))
    while ContinuousClock.now < end {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}
