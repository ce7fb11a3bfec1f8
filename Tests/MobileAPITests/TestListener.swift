import Crypto
import HTTPServing
import Logging
import MobileAPI
import NIOCore
import NIOSSL
import OpenSSLCommand
import Primitives
import Sessions
import TestSupport
import Testing

/// A listener of a test's own on a port of its own, with a scripted agent behind it.
final class TestListener: Sendable {
    static let issuer = "https://ws-042.example"

    let service = ScriptedService()
    let clock = ManualClock()
    let identity: TLSIdentity
    let port: Int
    /// Signs for the server `records`.
    let recordsKey: TestKey
    private let serving: Task<Void, any Error>

    init(identity: TLSIdentity? = nil, _ change: (inout MobileLimits) -> Void = { _ in }) async throws {
        var limits = MobileLimits()
        // Tests of other suites may keep the machine busy for long.
        limits.request = .seconds(90)
        limits.idle = .seconds(90)
        change(&limits)
        let files = try TLSFiles.shared()
        let identity = try identity ?? TLSIdentity(certificate: files.path("server.pem"), key: files.path("server.key"))
        self.identity = identity
        let key = try TestKey()
        recordsKey = key
        let digest = Hex.encode(SHA256.hash(data: try TLSFiles.certificate("records").toDERBytes()))
        let clients = RemoteClients([
            RemoteClient(
                client: Client(name: "records", operations: [], audiences: ["https://records.example"]),
                kind: .server(certificates: [digest], keys: JSON.object(["keys": [try key.jwk.with("kid", "k1")]]).canonical)),
            RemoteClient(
                client: Client(name: "lab", operations: [], audiences: ["https://lab.example"]), kind: .server(certificates: [], keys: nil)),
        ])
        let api = MobileAPI(
            issuer: Self.issuer, service: service, clients: { clients }, keys: { ["keys": [["kty": "EC", "kid": "t1"]]] }, time: clock,
            random: SystemRandom(), limits: limits)
        let listening = try ListeningPort.bound(host: "127.0.0.1", port: 0)
        port = listening.port
        let listener = MobileListener(
            api, on: listening, identity: identity, time: clock, limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        serving = Task { try await listener.run() }
    }

    /// Ends the listener; what is still open is cut.
    func stop() async {
        serving.cancel()
        _ = await serving.result
    }

    func connect(_ tls: TLSConfiguration? = nil) async throws -> Connection {
        try await Connection.open(port, try tls ?? TLSFiles.client())
    }

    /// One request on a connection of its own.
    func ask(
        _ method: String, _ path: String, _ fields: [String] = [], body: String? = nil, certificate: String? = nil
    ) async throws -> HTTPText {
        let connection = try await connect(TLSFiles.client(showing: certificate))
        defer { connection.channel.close(promise: nil) }
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        let head = ["\(method) \(path) HTTP/1.1", "Host: localhost"] + fields + length
        connection.send(head.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        return try #require(await connection.answer())
    }

    /// One form.
    func post(
        _ path: String, _ form: [String: String], _ fields: [String] = [], certificate: String? = nil
    ) async throws -> HTTPText {
        try await ask("POST", path, [Self.formType] + fields, body: Self.encoded(form), certificate: certificate)
    }

    static let formType = "Content-Type: application/x-www-form-urlencoded"

    static func encoded(_ form: [String: String]) -> String {
        func plain(_ text: String) -> String {
            text.utf8.map { byte in
                let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                return isPlain ? String(Unicode.Scalar(byte)) : "%" + Hex.encode([byte], uppercase: true)
            }.joined()
        }
        return form.map { "\(plain($0.key))=\(plain($0.value))" }.joined(separator: "&")
    }

    /// The nonce that the listener asks for.
    func nonce() async throws -> String { try #require(try await post("/token", [:])["dpop-nonce"]) }

    /// A header with a proof for `path` made now.
    func proof(_ key: TestKey, _ path: String = "/token", nonce: String, jti: String = SystemRandom().opaqueID()) throws -> String {
        "DPoP: " + (try key.proof(url: Self.issuer + path, at: clock.now(), jti: jti, nonce: nonce))
    }
}
