internal import NIOCore
internal import NIOHTTPTypes

/// Overwrites the body of every request once it is answered, or given up, whatever became of it: a PIN that was sent to the wrong place
/// or in the wrong form leaves no more than one that was taken (promise P4).
final class BodyWiper: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// What came and may still be read, with the number of its request on this connection.
    private var pending: [(request: Int, bytes: ByteBuffer)] = []
    private var begun = 0
    /// Requests that came to their end.
    private var whole = 0
    private var answered = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: begun += 1
        case .body(let bytes) where begun <= answered: bytes.wipeReadableBytes()
        case .body(let bytes): pending.append((begun, bytes))
        case .end: whole += 1
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            answered += 1
            wipe { $0 <= answered }
        }
        context.write(data, promise: promise)
    }

    /// What came whole may be read at this moment, and must not change meanwhile: whoever reads a secret wipes it, and the allocator
    /// overwrites the rest as its memory is given back.
    func handlerRemoved(context: ChannelHandlerContext) {
        wipe { $0 > whole }
        pending.removeAll()
    }

    private func wipe(_ isOver: (Int) -> Bool) {
        for part in pending where isOver(part.request) { part.bytes.wipeReadableBytes() }
        pending.removeAll { isOver($0.request) }
    }
}
