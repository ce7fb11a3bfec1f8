/// The few DER forms that the extensions of a test certificate need (X.690).
enum DER {
    static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case ..<0x80: [tag, UInt8(content.count)] + content
        case ..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(truncatingIfNeeded: content.count >> 8), UInt8(truncatingIfNeeded: content.count)] + content
        }
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, parts.flatMap { $0 }) }

    static func octetString(_ content: [UInt8]) -> [UInt8] { tagged(0x04, content) }

    static func utf8String(_ text: String) -> [UInt8] { tagged(0x0C, Array(text.utf8)) }

    static func printableString(_ text: String) -> [UInt8] { tagged(0x13, Array(text.utf8)) }

    static func ia5String(_ text: String) -> [UInt8] { tagged(0x16, Array(text.utf8)) }

    /// A number that is not negative.
    static func integer(_ value: UInt64) -> [UInt8] {
        var content: [UInt8] = []
        var rest = value
        repeat {
            content.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        } while rest > 0
        if let first = content.first, first & 0x80 != 0 { content.insert(0, at: 0) }
        return tagged(0x02, content)
    }

    /// A BIT STRING with the named bits set, without trailing zeros (X.690 §11.2.2).
    static func bits(_ named: [Int]) -> [UInt8] {
        guard let last = named.max() else { return tagged(0x03, [0]) }
        var content = [UInt8](repeating: 0, count: last / 8 + 1)
        for bit in named { content[bit / 8] |= 0x80 >> UInt8(bit % 8) }
        return tagged(0x03, [UInt8(7 - last % 8)] + content)
    }

    /// A dotted object identifier; parts that are no numbers are left out.
    static func objectIdentifier(_ dotted: String) -> [UInt8] {
        let arcs = dotted.split(separator: ".").compactMap { UInt64($0) }
        guard arcs.count >= 2 else { return tagged(0x06, []) }
        return tagged(0x06, ([arcs[0] * 40 + arcs[1]] + arcs.dropFirst(2)).flatMap(base128))
    }

    /// GeneralizedTime of an instant in seconds since 1970, from its RFC 3339 text.
    static func generalizedTime(_ rfc3339: String) -> [UInt8] {
        tagged(0x18, Array(rfc3339.prefix(19).utf8).filter { (0x30...0x39).contains($0) } + [0x5A])
    }

    private static func base128(_ value: UInt64) -> [UInt8] {
        var bytes = [UInt8(value & 0x7F)]
        var rest = value >> 7
        while rest > 0 {
            bytes.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
            rest >>= 7
        }
        return bytes
    }
}
