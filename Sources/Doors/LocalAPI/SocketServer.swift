internal import APIContract
package import HTTPServing
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOPosix
internal import Primitives
internal import ServiceLifecycle
package import Sessions

/// Serves the local API on a listening socket until it is told to stop; requests under way are then finished.
package struct SocketServer: Service {
    private let socket: ListeningSocket
    private let api: LocalAPI
    private let clients: ClientsInForce
    private let logger: Logger
    private let limits: SocketLimits
    private let tally: ConnectionTally
    private let opened: @Sendable () -> Void

    /// Threads that read files about callers.
    private static let inspectors = 4

    /// - Parameters:
    ///   - clients: who callers are; they may be replaced while it serves.
    ///   - opened: is called once the socket answers.
    package init(
        socket: ListeningSocket, api: LocalAPI, clients: ClientsInForce, logger: Logger, limits: SocketLimits = SocketLimits(),
        tally: ConnectionTally = ConnectionTally(), opened: @escaping @Sendable () -> Void = {}
    ) {
        self.socket = socket
        self.api = api
        self.clients = clients
        self.logger = logger
        self.limits = limits
        self.tally = tally
        self.opened = opened
    }

    package func run() async throws {
        let responder = api.router().buildResponder()
        let (logger, limits) = (self.logger, self.limits)
        let pool = NIOThreadPool(numberOfThreads: Self.inspectors)
        pool.start()
        let attestation = Attestation(
            clients: clients, needsUnits: api.seat != nil, inspector: ProcessInspector(digests: ExecutableDigests()), pool: pool)
        let http = HTTP1Channel(
            responder: { request, writer, channel in
                let response: Response
                do {
                    try await ConnectedPeer.current?.matchAgain(attestation, channel)
                    let context = CallContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
                    response = try await responder.respond(to: request, context: context)
                } catch let error as HTTPParserError {
                    // Not HTTP: the channel answers by itself and closes.
                    throw error
                } catch {
                    logger.error("request failed", metadata: ["error": "\(error)"])
                    response = Answer.problem(Refusal(.internalError), request.headers)
                }
                try await writer.write(response: response.head, body: response.body)
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [BodyWiper(), ConnectionDeadline(request: limits.request, answer: limits.answer)],
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 16_384, maxHeaderListSize: 32_768, maxHeaderFieldCount: 100)))
        let child = PeerChannel(base: http, attestation: attestation)
        let gate = ConnectionGate<UInt32?>(each: limits.connectionsPerUser, all: limits.connections, tally: tally)
        defer { socket.remove() }
        try await ConnectionServer(
            child, on: socket.descriptor, backlog: ListeningSocket.backlog, allocator: WipingAllocator.allocator, allowsHalfClosure: true,
            logger: logger, opened: opened
        ).run { connection in
            let uid = connection.peer?.uid
            guard gate.enter(uid) else { return await Self.turnAway(connection.http) }
            await child.handle(value: connection, logger: logger)
            gate.leave(uid)
        }
        try await pool.shutdownGracefully()
    }

    /// Says that there are too many connections, without waiting for a request, and closes.
    private static func turnAway(_ connection: HTTP1Channel.Value) async {
        let refusal = Refusal(.rateLimited, ["retry_after": 1, "detail": "too many connections are open"])
        let problem = Problem(refusal, language: .english)
        let bytes = problem.json.canonical
        let fields: HTTPFields = [
            .contentType: API.problemType, .contentLength: String(bytes.count), .retryAfter: "1", .connection: "close",
        ]
        let head = HTTPResponse(status: HTTPResponse.Status(code: problem.status), headerFields: fields)
        let parts: [HTTPResponsePart] = [.head(head), .body(ByteBuffer(bytes: bytes)), .end(nil)]
        // Whoever has gone already needs no answer.
        try? await connection.executeThenClose { _, outbound in try await outbound.write(contentsOf: parts) }
    }
}
