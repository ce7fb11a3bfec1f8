internal import HTTPServing
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypesHTTP1
internal import NIOSSL

/// HTTP/1.1 over TLS on a connection that has got a place.
struct MobileChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    struct NoPlace: Error {}

    let base: HTTP1Channel
    let identity: TLSIdentity
    let gate: ConnectionGate<String>

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let network = RemoteAddress(channel.remoteAddress).network
        guard gate.enter(network) else {
            // An answer would cost the handshake that is to be saved.
            return channel.close().flatMapThrowing { throw NoPlace() }
        }
        channel.closeFuture.whenComplete { [gate] _ in gate.leave(network) }
        return channel.eventLoop.makeCompletedFuture {
            // Who has a certificate proves to have its key; which one it is decides whoever asks for it.
            let handler = NIOSSLServerHandler(
                context: identity.context, customVerificationCallback: { _, verdict in verdict.succeed(.certificateVerified) })
            try channel.pipeline.syncOperations.addHandler(handler)
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }.flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(RequestShape(), position: .before(pipeline.handler(type: HTTP1ToHTTPServerCodec.self)))
            return value
        }.flatMapError { error in
            channel.close().flatMapThrowing { throw error }
        }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
