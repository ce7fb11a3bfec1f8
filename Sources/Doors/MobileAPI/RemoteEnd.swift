internal import Crypto
internal import NIOCore
internal import NIOSSL
internal import Primitives

/// The other end of a connection: where it is, and the certificate that it has shown.
struct RemoteEnd: Sendable {
    let address: RemoteAddress
    private let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
        address = RemoteAddress(channel.remoteAddress)
    }

    /// SHA-256 of the client's certificate in DER form, in lower-case hexadecimal (RFC 8705 §2.2.2). Whoever shows it has proven in the
    /// handshake to have its key. `nil` without one.
    func certificate() async throws -> String? {
        guard let certificate = try await channel.nioSSL_peerCertificate().get() else { return nil }
        return Hex.encode(SHA256.hash(data: try certificate.toDERBytes()))
    }
}
