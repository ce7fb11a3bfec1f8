/// An address as proofs name it (RFC 9449 §4.3): without query and fragment, in the normal form of RFC 3986 §6.2.2 and §6.2.3, so that
/// two spellings of one address are equal.
struct HTTPTarget: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: UInt16
    let path: String

    private static let sizeLimit = 2048

    /// `nil` for what is no `http` or `https` address: another scheme, a user's name in it, characters that an address cannot have. A path
    /// with `.` or `..` as a step is refused too: whoever asks for a resource names it directly.
    init?(_ text: String) {
        guard text.utf8.count <= Self.sizeLimit, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !#""<>\^`{|}"#.utf8.contains($0) })
        else { return nil }
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        scheme = parts[0].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let address = parts[1].prefix { $0 != "?" && $0 != "#" }
        let authority = address.prefix { $0 != "/" }
        guard let (host, port) = Self.hostAndPort(authority, usual: scheme == "https" ? 443 : 80) else { return nil }
        self.host = host
        self.port = port
        let rest = address[authority.endIndex...]
        guard let path = Self.normal(rest.isEmpty ? "/" : rest), !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        else { return nil }
        self.path = path
    }

    private static func hostAndPort(_ authority: Substring, usual: UInt16) -> (String, UInt16)? {
        guard !authority.contains("@") else { return nil }
        let hostEnd: Substring.Index
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            hostEnd = authority.index(after: bracket)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        guard hostEnd > authority.startIndex, let host = normal(authority[..<hostEnd]) else { return nil }
        var rest = authority[hostEnd...]
        guard !rest.isEmpty else { return (host.lowercased(), usual) }
        guard rest.removeFirst() == ":", rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard !rest.isEmpty else { return (host.lowercased(), usual) }
        return UInt16(rest).map { (host.lowercased(), $0) }
    }

    /// Percent-encoded octets in upper case, and letters, digits and `-._~` as themselves.
    private static func normal(_ text: Substring) -> String? {
        var result: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else { return nil }
            let octet = high << 4 | low
            if isUnreserved(octet) {
                result.append(octet)
            } else {
                result += [UInt8(ascii: "%"), upper[Int(high)], upper[Int(low)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let upper = Array("0123456789ABCDEF".utf8)

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
