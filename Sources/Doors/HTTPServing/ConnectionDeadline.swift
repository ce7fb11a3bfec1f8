package import NIOCore
package import NIOHTTPTypes

/// Cuts a connection that lets us wait: for a whole request, however busily its bytes trickle in, or for its answer to be read.
package final class ConnectionDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    private let request: Duration
    private let answer: Duration
    private let idle: Duration
    private var awaited: Scheduled<Void>?
    private var unread: Scheduled<Void>?
    /// Requests that came whole, and requests that were answered; an answer may be there first.
    private var received = 0
    private var answered = 0

    /// - Parameters:
    ///   - request: within this time a whole request must have come, counted from the opening of the connection or from its first lines.
    ///   - answer: a connection whose answer nobody reads for this long is cut.
    ///   - idle: how long after an answer the next request may begin; `nil` where it must have come whole within `request` even then.
    package init(request: Duration, answer: Duration, idle: Duration? = nil) {
        self.request = request
        self.answer = answer
        self.idle = idle ?? request
    }

    package func handlerAdded(context: ChannelHandlerContext) { awaitRequest(context, within: request) }

    package func handlerRemoved(context: ChannelHandlerContext) {
        awaited?.cancel()
        unread?.cancel()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head where idle > request && received > 0 && awaited != nil:
            awaited?.cancel()
            awaited = nil
            awaitRequest(context, within: request)
        case .end:
            received += 1
            awaited?.cancel()
            awaited = nil
            awaitRequest(context, within: idle)
        case .head, .body: break
        }
        context.fireChannelRead(data)
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            answered += 1
            awaitRequest(context, within: idle)
        }
        context.write(data, promise: promise)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        unread?.cancel()
        unread = context.channel.isWritable ? nil : close(context.channel, in: answer)
        context.fireChannelWritabilityChanged()
    }

    /// Begins to count, unless a request that came whole is still to be answered.
    private func awaitRequest(_ context: ChannelHandlerContext, within duration: Duration) {
        guard awaited == nil, answered >= received else { return }
        awaited = close(context.channel, in: duration)
    }

    private func close(_ channel: any Channel, in duration: Duration) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(duration)) { channel.close(promise: nil) }
    }
}
