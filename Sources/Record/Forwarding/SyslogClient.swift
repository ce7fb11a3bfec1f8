internal import NIOCore
internal import NIOPosix
internal import NIOSSL
package import Primitives
internal import Synchronization

/// Hands messages to a syslog server over TLS (RFC 5425).
///
/// The protocol knows no acknowledgement: a batch counts as handed over when every byte was written and the TLS session then ended without an
/// alert. A batch that fails is sent again whole, so the server may see messages twice.
package struct SyslogClient: Sendable {
    private static let port = 6514

    /// Where messages go, as `host:port`.
    package let address: String
    private let host: String
    private let port: Int
    private let context: NIOSSLContext

    /// - Parameters:
    ///   - address: `host` or `host:port`, `[::1]:6514` for an address of IPv6; the port is 6514 where it is left out.
    ///   - authorities: file of the certificates above the server's, in PEM.
    ///   - identity: files of the agent's own certificate and key, in PEM, where the server asks for one.
    package init(
        address: String, authorities: String, identity: (certificate: String, key: String)? = nil
    ) throws(SyslogConfigurationError) {
        guard let (host, port) = Self.parts(address) else {
            throw SyslogConfigurationError(text: Text("ce n'est pas hôte:port", "not host:port").of(address))
        }
        (self.address, self.host, self.port) = (address, host, port)
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        do {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorities))
        } catch {
            throw SyslogConfigurationError.noAuthorities(authorities)
        }
        if let identity {
            do {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(identity.certificate).map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: identity.key, format: .pem))
            } catch {
                throw SyslogConfigurationError(
                    text: Text("ni certificat ni clé en PEM", "no certificate and key in PEM").of(
                        "\(identity.certificate), \(identity.key)"))
            }
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw SyslogConfigurationError(text: Text("\(error)").of("TLS"))
        }
    }

    /// Sends messages, each in its own frame (RFC 5425 §4.3), in order, over one connection.
    ///
    /// - Parameters:
    ///   - messages: whole messages of RFC 5424.
    ///   - limit: time for all of it.
    package func send(_ messages: [[UInt8]], within limit: Duration) async throws(FetchFailure) {
        var frames = ByteBuffer()
        for message in messages {
            frames.writeString("\(message.count) ")
            frames.writeBytes(message)
        }
        let whole = frames
        try await inTime(limit) { () throws(FetchFailure) in
            do { try await exchange(whole, limit) } catch { throw Self.failure(error) }
        }
    }

    private func exchange(_ frames: ByteBuffer, _ limit: Duration) async throws {
        let watch = FailureWatch()
        let (context, host) = (context, host)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.nanoseconds(Int64(limit / .nanoseconds(1))))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // A name is compared with the certificate; for an address the handler compares the address itself.
                    let name = (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
                    try channel.pipeline.syncOperations.addHandlers(
                        try NIOSSLClientHandler(context: context, serverHostname: name), watch)
                }
            }
            .connect(host: host, port: port).get()
        try await withTaskCancellationHandler {
            do {
                try await channel.writeAndFlush(frames).get()
                // Says goodbye and waits for the server to do so: what it has against us comes before that.
                try await channel.close().get()
            } catch {
                channel.close(promise: nil)
                guard Self.isGoodbye(error) else { throw watch.failure ?? error }
            }
            if let failure = watch.failure, !Self.isGoodbye(failure) { throw failure }
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    /// A server that ends the connection after our goodbye, without an answer to it, has read everything before it. One that hangs has not,
    /// nor may one have that ended before we said goodbye.
    private static func isGoodbye(_ error: any Error) -> Bool {
        if case NIOSSLError.uncleanShutdown = error { true } else { false }
    }

    private static func failure(_ error: any Error) -> FetchFailure {
        switch error {
        case let failure as FetchFailure: failure
        case is CancellationError, ChannelError.connectTimeout: .tooSlow
        default: .unreachable(String("\(error)".prefix(200)))
        }
    }

    private static func parts(_ address: String) -> (host: String, port: Int)? {
        let (name, rest): (Substring, Substring)
        if address.hasPrefix("["), let end = address.firstIndex(of: "]") {
            (name, rest) = (address[address.index(after: address.startIndex)..<end], address[address.index(after: end)...])
        } else {
            let end = address.lastIndex(of: ":") ?? address.endIndex
            (name, rest) = (address[..<end], address[end...])
        }
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        if rest.isEmpty { return (String(name), port) }
        guard let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
        return (String(name), Int(port))
    }
}

/// Why a syslog server cannot be used as the configuration has it.
package struct SyslogConfigurationError: Error, Hashable, Sendable {
    package let text: Text

    /// No file of authorities, or none of ours to read.
    static func noAuthorities(_ path: String) -> Self {
        Self(text: Text("il ne contient pas de certificats en PEM", "it holds no certificates in PEM").of(path))
    }
}

/// Keeps the first thing that went wrong on a connection.
private final class FailureWatch: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let first = Mutex<(any Error)?>(nil)

    var failure: (any Error)? { first.withLock { $0 } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        first.withLock { $0 = $0 ?? error }
        context.close(promise: nil)
    }
}
