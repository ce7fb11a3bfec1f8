import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A client's end of a connection, byte by byte.
final class Connection: Sendable {
    private final class Sink: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let received = Mutex<[UInt8]>([])
        let isClosed = Mutex(false)

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(Self.unwrapInboundIn(data).readableBytesView)
            received.withLock { $0 += bytes }
        }

        func channelInactive(context: ChannelHandlerContext) { isClosed.withLock { $0 = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    let channel: any Channel
    private let sink: Sink

    private init(_ channel: any Channel, _ sink: Sink) {
        self.channel = channel
        self.sink = sink
    }

    /// - Parameters:
    ///   - tls: `nil` for bare TCP.
    ///   - reads: whether it takes what comes.
    static func open(_ port: Int, _ tls: TLSConfiguration?, reads: Bool = true) async throws -> Connection {
        let sink = Sink()
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(sink)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return Connection(channel, sink)
    }

    func send(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    var text: String { String(decoding: sink.received.withLock { $0 }, as: UTF8.self) }

    var isClosed: Bool { sink.isClosed.withLock { $0 } }

    func isCut() async -> Bool { await comesTrue { isClosed } }

    func hears(_ expected: String) async -> Bool { await comesTrue { text.contains(expected) || isClosed } && text.contains(expected) }

    func close() async { try? await channel.close().get() }

    /// The answer to the request that was sent last; what was heard is forgotten. `nil` when the connection was closed instead.
    func answer() async -> HTTPText? {
        _ = await comesTrue { HTTPText(text) != nil || isClosed }
        let answer = HTTPText(text)
        sink.received.withLock { $0 = [] }
        return answer
    }
}

/// A whole answer, as it came.
struct HTTPText {
    let status: Int
    let fields: [(name: String, value: String)]
    let body: String

    init?(_ text: String, isHead: Bool = false) {
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count >= 2, let status = Int(first[1]) else { return nil }
        self.status = status
        fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        body = String(text[end.upperBound...])
        if let length = self["content-length"].flatMap({ Int($0) }), !isHead, body.utf8.count < length { return nil }
    }

    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }
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
