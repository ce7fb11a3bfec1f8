internal import NIOCore
internal import NIOHTTPTypes

/// Cuts a connection that lets us wait: for a whole request, however busily its bytes trickle in, or for its answer to be read.
final class ConnectionDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: SocketLimits
    private var awaited: Scheduled<Void>?
    private var unread: Scheduled<Void>?
    /// Requests that came whole, and requests that were answered; an answer may be there first.
    private var received = 0
    private var answered = 0

    init(limits: SocketLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) { awaitRequest(context) }

    func handlerRemoved(context: ChannelHandlerContext) {
        awaited?.cancel()
        unread?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) {
            received += 1
            awaited?.cancel()
            awaited = nil
            awaitRequest(context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            answered += 1
            awaitRequest(context)
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unread?.cancel()
        unread = context.channel.isWritable ? nil : close(context.channel, in: limits.answer)
        context.fireChannelWritabilityChanged()
    }

    /// Begins to count, unless a request that came whole is still to be answered.
    private func awaitRequest(_ context: ChannelHandlerContext) {
        guard awaited == nil, answered >= received else { return }
        awaited = close(context.channel, in: limits.request)
    }

    private func close(_ channel: any Channel, in duration: Duration) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(duration)) { channel.close(promise: nil) }
    }
}
