import Foundation
import Glibc
package import Primitives
import Synchronization

/// A request as the agent's end of the socket saw it.
package struct SeenRequest: Hashable, Sendable {
    /// `GET /v1/status`.
    package let line: String
    /// Names in lower case.
    package let fields: [String: String]
    package let body: [UInt8]

    package var json: JSON? { try? JSONDecoder().decode(JSON.self, from: Data(body)) }
    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// Stands for the agent on a Unix socket of its own: answers each connection with the bytes that a script gives, then closes it.
package final class ScriptedAgent: Sendable {
    package enum Step: Sendable {
        case answer([UInt8])
        /// Never answers; the connection stays open as long as this agent.
        case silence
        /// Begins a stream of events, and says nothing more.
        case openStream
    }

    package let socket: String
    private let folder: String
    private let listener: Int32
    private let seen = Mutex<[SeenRequest]>([])
    private let silent = Mutex<[Int32]>([])

    package struct Unable: Error {
        let step: String
    }

    package init(_ script: @escaping @Sendable (SeenRequest) -> Step) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "agent-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = "\(folder)/s"
        socket = path
        let listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw Unable(step: "listen") }
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    // Shut down by `deinit`; the number is given back here, where nobody waits on it any more.
                    close(listener)
                    return
                }
                guard let self, let request = Self.request(connection) else {
                    close(connection)
                    continue
                }
                self.seen.withLock { $0.append(request) }
                switch script(request) {
                case .answer(let bytes):
                    // The client may have gone: then there is nobody to answer.
                    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                    close(connection)
                case .silence: self.silent.withLock { $0.append(connection) }
                case .openStream:
                    let head = Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
                    _ = send(connection, head, head.count, Int32(MSG_NOSIGNAL))
                    self.silent.withLock { $0.append(connection) }
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in silent.withLock({ $0 }) { close(connection) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// What was asked so far.
    package var requests: [SeenRequest] { seen.withLock { $0 } }

    package var lines: [String] { requests.map(\.line) }

    private static func request(_ connection: Int32) -> SeenRequest? {
        var bytes: [UInt8] = []
        func more() -> Bool {
            var block = [UInt8](repeating: 0, count: 65_536)
            let count = recv(connection, &block, block.count, 0)
            guard count > 0 else { return false }
            bytes += block[..<count]
            return true
        }
        var end = bytes.firstRange(of: [13, 10, 13, 10])
        while end == nil {
            guard more() else { return nil }
            end = bytes.firstRange(of: [13, 10, 13, 10])
        }
        guard let end else { return nil }
        var lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let line = lines.removeFirst().replacing(" HTTP/1.1", with: "")
        var fields: [String: String] = [:]
        for field in lines {
            let parts = field.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let length = fields["content-length"].flatMap { Int($0) } ?? 0
        while bytes.count < end.upperBound + length {
            guard more() else { return nil }
        }
        return SeenRequest(line: line, fields: fields, body: Array(bytes[end.upperBound...]))
    }
}
