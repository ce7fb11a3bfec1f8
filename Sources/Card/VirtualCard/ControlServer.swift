import Glibc
import Primitives

/// The Unix socket (mode 0600) through which a running card is told to leave, come back or misbehave: a line in, a line out.
struct ControlServer {
    private struct Client {
        let descriptor: Int32
        var line: [UInt8] = []
    }

    private static let mostClients = 8
    private static let longestLine = 4096
    private let path: String
    private let listener: Int32
    private var clients: [Client] = []

    /// Takes over a path that a dead program left; refuses one that is served.
    init(path: String) throws(SocketError) {
        if let other = try? Sockets.connect(path: path) {
            Glibc.close(other)
            throw SocketError("listen on \(path)", reason: "another card is served there")
        }
        if let existing = FileIdentity(path: path, followsLinks: false) {
            guard existing.isSocket else { throw SocketError("listen on \(path)", reason: "it is not a socket") }
            unlink(path)
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw .last("open a socket") }
        do throws(SocketError) {
            guard fchmod(descriptor, 0o600) == 0, try Sockets.withAddress(of: path, { bind(descriptor, $0, $1) }) == 0,
                listen(descriptor, Int32(Self.mostClients)) == 0
            else { throw SocketError.last("listen on \(path)") }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.path = path
        listener = descriptor
    }

    /// What to wait for.
    var descriptors: [Int32] { [listener] + clients.map(\.descriptor) }

    /// Deals with one descriptor that has something; `perform` answers a line.
    mutating func serve(_ descriptor: Int32, perform: (String) -> String) {
        if descriptor == listener { return accept() }
        guard let index = clients.firstIndex(where: { $0.descriptor == descriptor }) else { return }
        guard let bytes = Sockets.receive(from: descriptor) else { return drop(index) }
        clients[index].line += bytes
        while let end = clients[index].line.firstIndex(of: 0x0A) {
            let line = String(decoding: clients[index].line[..<end], as: UTF8.self)
            clients[index].line.removeFirst(end + 1)
            guard Sockets.send(Array("\(perform(line))\n".utf8), to: descriptor) else { return drop(index) }
        }
        if clients[index].line.count > Self.longestLine { drop(index) }
    }

    /// Closes everything and removes the socket's path.
    mutating func close() {
        for client in clients { Glibc.close(client.descriptor) }
        clients = []
        Glibc.close(listener)
        unlink(path)
    }

    private mutating func accept() {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard clients.count < Self.mostClients else {
            Glibc.close(descriptor)
            return
        }
        clients.append(Client(descriptor: descriptor))
    }

    private mutating func drop(_ index: Int) {
        Glibc.close(clients[index].descriptor)
        clients.remove(at: index)
    }
}

/// The other end of a ``ControlServer``.
package enum ControlClient {
    /// Sends a line and gives the line that answers it.
    package static func ask(_ line: String, at path: String) throws(SocketError) -> String {
        let descriptor = try Sockets.connect(path: path)
        defer { close(descriptor) }
        guard Sockets.send(Array("\(line)\n".utf8), to: descriptor) else { throw .last("speak to \(path)") }
        var answer: [UInt8] = []
        while !answer.contains(0x0A), answer.count < 4096, let bytes = Sockets.receive(from: descriptor) { answer += bytes }
        guard let end = answer.firstIndex(of: 0x0A) else { throw SocketError("speak to \(path)", reason: "no answer came") }
        return String(decoding: answer[..<end], as: UTF8.self)
    }
}
