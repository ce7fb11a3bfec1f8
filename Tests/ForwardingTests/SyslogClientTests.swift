import Forwarding
import NIOCore
import NIOPosix
import NIOSSL
import OpenSSLCommand
import Primitives
import Synchronization
import Testing

/// A syslog server over TLS that keeps what comes.
private final class Server: Sendable {
    private final class Sink: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let server: Server
        init(_ server: Server) { self.server = server }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(Self.unwrapInboundIn(data).readableBytesView)
            server.received.withLock { $0 += bytes }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    let received = Mutex<[UInt8]>([])
    private let channel = Mutex<(any Channel)?>(nil)

    init(_ command: OpenSSLCommand, certificate: String, wantsClientOf authority: String? = nil) async throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(command.path("\(certificate).pem")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: command.path("\(certificate).key"), format: .pem)))
        if let authority {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(command.path("\(authority).pem")))
        }
        let context = try NIOSSLContext(configuration: configuration)
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(NIOSSLServerHandler(context: context), Sink(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }

    var text: String { String(decoding: received.withLock { $0 }, as: UTF8.self) }

    func stop() async { try? await channel.withLock { $0 }?.close().get() }
}

@Suite(.timeLimit(.minutes(5)))
final class SyslogClientTests: Sendable {
    private let command: OpenSSLCommand

    init() throws {
        command = try OpenSSLCommand()
        let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
        for name in ["root", "other"] {
            try command.run(["req", "-x509"] + ec + ["-keyout", "\(name).key", "-subj", "/CN=\(name)", "-out", "\(name).pem"])
        }
        for (name, names) in [("server", "DNS:localhost,IP:127.0.0.1"), ("stranger", "DNS:elsewhere.example"), ("client", "DNS:ws-042")] {
            try command.run(["req"] + ec.dropLast(2) + ["-keyout", "\(name).key", "-subj", "/CN=\(name)", "-out", "\(name).csr"])
            try command.write("subjectAltName = \(names)\n", to: "\(name).ext")
            try command.run(
                "x509", "-req", "-in", "\(name).csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "30", "-extfile", "\(name).ext",
                "-out", "\(name).pem")
        }
    }

    deinit { command.remove() }

    private func client(_ server: Server, host: String = "localhost", authorities: String = "root", identity: String? = nil) throws
        -> SyslogClient
    {
        try SyslogClient(
            address: "\(host):\(server.port)", authorities: command.path("\(authorities).pem"),
            identity: identity.map { (command.path("\($0).pem"), command.path("\($0).key")) })
    }

    private func failure(_ client: SyslogClient, within limit: Duration = .seconds(20)) async -> FetchFailure? {
        do throws(FetchFailure) {
            try await client.send([Array("one".utf8)], within: limit)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func eachMessageComesInAFrameOfItsOwn(host: String) async throws {
        let server = try await Server(command, certificate: "server")
        try await client(server, host: host).send([Array("one".utf8), Array("deux à".utf8)], within: .seconds(20))
        #expect(server.text == "3 one7 deux à")
        await server.stop()
    }

    @Test func manyMessagesArriveWhole() async throws {
        let server = try await Server(command, certificate: "server")
        let message = [UInt8](repeating: 0x61, count: 60_000)
        try await client(server).send([[UInt8]](repeating: message, count: 50), within: .seconds(20))
        #expect(server.received.withLock { $0.count } == 50 * (message.count + "60000 ".count))
        await server.stop()
    }

    @Test func serverThatAsksForACertificateGetsOne() async throws {
        let server = try await Server(command, certificate: "server", wantsClientOf: "root")
        #expect(await failure(try client(server, identity: "client")) == nil)
        #expect(server.text == "3 one")
        #expect(await failure(try client(server)) != nil)
        await server.stop()
    }

    @Test(arguments: [("server", "other"), ("stranger", "root")])
    func serverThatIsNotTheOneMeantHearsNothing(certificate: String, authorities: String) async throws {
        let server = try await Server(command, certificate: certificate)
        guard case .unreachable = await failure(try client(server, authorities: authorities)) else {
            Issue.record("the server was believed")
            return
        }
        #expect(server.text == "")
        await server.stop()
    }

    @Test func serverThatIsGoneIsTold() async throws {
        let server = try await Server(command, certificate: "server")
        let client = try client(server)
        await server.stop()
        #expect(await failure(client) != nil)
    }

    @Test func silentServerIsGivenUp() async throws {
        // Takes the connection and says nothing of TLS.
        let mute = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(mute.localAddress?.port)
        let client = try SyslogClient(address: "127.0.0.1:\(port)", authorities: command.path("root.pem"))
        #expect(await failure(client, within: .milliseconds(200)) == .tooSlow)
        try await mute.close().get()
    }

    @Test(arguments: ["", ":6514", "host:0", "host:x", "host:70000", "ho st", "[::1]6514x"])
    func addressThatIsNoneIsRefused(address: String) {
        #expect(throws: SyslogConfigurationError.self) {
            try SyslogClient(address: address, authorities: self.command.path("root.pem"))
        }
    }

    @Test func fileWithoutCertificatesIsRefused() throws {
        #expect(throws: SyslogConfigurationError.self) { try SyslogClient(address: "h", authorities: command.path("root.key")) }
        #expect(throws: SyslogConfigurationError.self) { try SyslogClient(address: "h", authorities: command.path("none")) }
    }

    @Test func messageIsThatOfTheStandard() {
        let time = Timestamp(milliseconds: 1_700_000_000_000)
        let message = SyslogMessage(severity: .notice, time: time, host: "ws 042", kind: "", text: "à")
        #expect(String(decoding: message.bytes, as: UTF8.self) == "<85>1 2023-11-14T22:13:20.000Z ws042 cps-agent - - - \u{FEFF}à")
    }
}
