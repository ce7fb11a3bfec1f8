import Audit
import Forwarding
import Foundation
import NIOCore
import NIOPosix
import Primitives
import Synchronization
import Testing

/// A web server that gives every request one answer, and keeps what was sent.
private final class WebServer: Sendable {
    private final class Sink: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let server: WebServer
        private var bytes: [UInt8] = []

        init(_ server: WebServer) { self.server = server }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += Self.unwrapInboundIn(data).readableBytesView
            let text = String(decoding: bytes, as: UTF8.self)
            guard let head = text.range(of: "\r\n\r\n"), let field = text.range(of: "content-length: ", options: .caseInsensitive),
                let length = Int(text[field.upperBound...].prefix { $0.isNumber }), text[head.upperBound...].utf8.count >= length
            else { return }
            server.received.withLock { $0.append(text) }
            guard let status = server.status else { return }
            let answer = "HTTP/1.1 \(status) Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    let received = Mutex<[String]>([])
    /// `nil`: it never answers.
    let status: Int?
    private let channel = Mutex<(any Channel)?>(nil)

    init(_ status: Int?) async throws {
        self.status = status
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Sink(self)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    func server(_ name: String, limit: Duration = .seconds(30)) throws -> HTTPWitness.Server {
        let port = channel.withLock { $0?.localAddress?.port ?? 0 }
        return HTTPWitness.Server(
            name: name, address: try #require(WebAddress("http://127.0.0.1:\(port)/keep")), limit: limit)
    }

    func stop() async { try? await channel.withLock { $0 }?.close().get() }
}

@Suite(.timeLimit(.minutes(5)))
struct HTTPWitnessTests {
    private static let leaves = [#"{"reason":"é \" \n","seq":7}"#, #"{"seq":8}"#].map { Array($0.utf8) }

    private func acknowledge(_ witness: HTTPWitness?, after checkpoint: String? = "note\n") async throws {
        try await #require(witness).acknowledge(Self.leaves, from: 7, after: checkpoint)
    }

    @Test func tracesAreSentAsTheyAreWithTheirPlaceInTheLog() async throws {
        let web = try await WebServer(204)
        try await acknowledge(HTTPWitness([try web.server("a")]))
        let request = try #require(web.received.withLock { $0.first })
        #expect(request.hasPrefix("POST /keep HTTP/1.1\r\n"))
        #expect(request.lowercased().contains("\r\ncontent-type: application/json\r\n"))
        let body = try #require(request.components(separatedBy: "\r\n\r\n").last)
        let json = try JSONDecoder().decode(JSON.self, from: Data(body.utf8))
        #expect(json["first"] == 7)
        #expect(json["checkpoint"] == "note\n")
        #expect(json["traces"]?.array?.compactMap(\.string).map { Array($0.utf8) } == Self.leaves)
        await web.stop()
    }

    @Test func logWithoutACheckpointSaysNothingOfOne() async throws {
        let web = try await WebServer(200)
        try await acknowledge(HTTPWitness([try web.server("a")]), after: nil)
        #expect(web.received.withLock { $0.first?.contains("checkpoint") } == false)
        await web.stop()
    }

    @Test(arguments: [301, 404, 503])
    func otherAnswersKeepNothing(_ status: Int) async throws {
        let web = try await WebServer(status)
        await #expect(throws: WitnessFailure.self) { try await acknowledge(HTTPWitness([try web.server("a")])) }
        await web.stop()
    }

    /// One that keeps it is enough, whatever the others do meanwhile.
    @Test func oneThatKeepsItIsEnough() async throws {
        let (silent, refusing, keeping) = (try await WebServer(nil), try await WebServer(500), try await WebServer(201))
        try await acknowledge(HTTPWitness([try silent.server("a"), try refusing.server("b"), try keeping.server("c")]))
        for web in [silent, refusing, keeping] { await web.stop() }
    }

    @Test func reasonsOfAllAreTold() async throws {
        let (silent, refusing) = (try await WebServer(nil), try await WebServer(500))
        let gone = HTTPWitness.Server(
            name: "c", address: try #require(WebAddress("http://127.0.0.1:1/")), limit: .seconds(5))
        let witness = HTTPWitness([try silent.server("a", limit: .milliseconds(50)), try refusing.server("b"), gone])
        do {
            try await acknowledge(witness)
            Issue.record("nobody kept it")
        } catch let failure as WitnessFailure {
            #expect(failure.reason.hasPrefix("a: the server did not answer in time; b: the server answered with status 500; c: the server"))
        }
        for web in [silent, refusing] { await web.stop() }
    }

    @Test func nobodyIsNoWitness() { #expect((HTTPWitness([]) as Any?) == nil) }
}
