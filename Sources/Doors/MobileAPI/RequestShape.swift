internal import NIOCore
internal import NIOHTTP1

/// Refuses requests whose end a proxy in front of us might see elsewhere (RFC 9112 §11.2), on top of what the parser refuses by itself.
/// The refusal is that of the parser: 400, and the connection is closed.
final class RequestShape: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        if case .head(let head) = unwrapInboundIn(data), !Self.isPlain(head) {
            isRefused = true
            context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
            return
        }
        context.fireChannelRead(data)
    }

    static func isPlain(_ head: HTTPRequestHead) -> Bool {
        let (lengths, encodings) = (head.headers["Content-Length"], head.headers["Transfer-Encoding"])
        // More than one value in one field comes apart here too.
        guard lengths.count + encodings.count <= 1, lengths.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            encodings.allSatisfy({ $0.lowercased() == "chunked" })
        else { return false }
        let hosts = head.headers["Host"].count
        switch head.version {
        case .http1_1: guard hosts == 1 else { return false }
        // Chunks came with 1.1 (RFC 9112 §6.1).
        case .http1_0: guard hosts <= 1, encodings.isEmpty else { return false }
        default: return false
        }
        // What follows CONNECT is no HTTP any more.
        guard head.method != .CONNECT else { return false }
        // A folded line shows as control characters in its value.
        return head.headers.allSatisfy { $0.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }
    }
}
