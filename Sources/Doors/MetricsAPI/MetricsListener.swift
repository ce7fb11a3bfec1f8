package import HTTPServing
internal import HTTPTypes
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOHTTPTypes
internal import ServiceLifecycle

/// Serves figures to programs of this machine until it is told to stop.
package struct MetricsListener: Service {
    private let api: MetricsAPI
    private let descriptor: Int32
    private let isLoopback: Bool
    private let tally: ConnectionTally
    private let logger: Logger
    private let remove: @Sendable () -> Void

    /// Open connections; whoever watches needs one.
    package static let connections = 16
    private static let backlog: Int32 = 16
    /// Within this time a request must have come, and its answer be read.
    private static let patience = Duration.seconds(5)

    /// - Parameter port: of an address of the machine itself.
    package init(_ api: MetricsAPI, on port: ListeningPort, tally: ConnectionTally, logger: Logger) {
        self.api = api
        descriptor = port.descriptor
        isLoopback = true
        self.tally = tally
        self.logger = logger
        remove = {}
    }

    package init(_ api: MetricsAPI, on socket: ListeningSocket, tally: ConnectionTally, logger: Logger) {
        self.api = api
        descriptor = socket.descriptor
        isLoopback = false
        self.tally = tally
        self.logger = logger
        remove = { socket.remove() }
    }

    package func run() async throws {
        let (api, isLoopback, logger) = (self.api, self.isLoopback, self.logger)
        let http = HTTP1Channel(
            responder: { request, writer, _ in
                let response = await api.respond(to: request.head, isLoopback: isLoopback)
                try await writer.write(response: response.head, body: request.method == .head ? ResponseBody() : response.body)
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionDeadline(request: Self.patience, answer: Self.patience, idle: .seconds(90))],
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 8192, maxHeaderListSize: 8192, maxHeaderFieldCount: 64)))
        let gate = ConnectionGate<Int>(each: Self.connections, all: Self.connections, tally: tally)
        defer { remove() }
        try await ConnectionServer(http, on: descriptor, backlog: Self.backlog, allowsHalfClosure: true, logger: logger).run { connection in
            guard gate.enter(0) else {
                // Nothing is owed to whoever has too many open.
                try? await connection.executeThenClose { _, _ in }
                return
            }
            await http.handle(value: connection, logger: logger)
            gate.leave(0)
        }
    }
}
