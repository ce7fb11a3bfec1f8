internal import Glibc
internal import NIOCore
internal import Primitives

/// Where a connection comes from.
struct RemoteAddress: Hashable, Sendable {
    /// As traces name it.
    let text: String
    /// What limits count by: an IPv4 address, or the 64 bits of an IPv6 address that a household or a ward shares.
    let network: String

    init(_ address: SocketAddress?) { self.init(address?.ipAddress ?? "unknown") }

    init(_ address: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, String(address.prefix { $0 != "%" }), &bytes) == 1 else {
            text = address
            network = address
            return
        }
        // RFC 4291 §2.5.5.2: an IPv4 address in the clothes of IPv6.
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            text = bytes[12...].map(String.init).joined(separator: ".")
            network = text
        } else {
            text = address
            network = Hex.encode(bytes[..<8])
        }
    }
}
