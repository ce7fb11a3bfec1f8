/// Walks through the elements of a DER value that is small enough to be in memory (X.690 §8.1). Lengths are definite.
struct DERCursor {
    struct Element {
        let tag: UInt8
        let content: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }
    var nextTag: UInt8? { rest.first }

    /// `nil` when what is left is not a whole element.
    mutating func next() -> Element? {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return Element(tag: tag, content: rest.prefix(length))
    }

    /// The next element, if it has this tag.
    mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
        guard nextTag == tag, let element = next() else { return nil }
        return element.content
    }

    /// The next Extension (RFC 5280 §4.1); `nil` when what is left does not begin with a whole one.
    mutating func nextExtension() -> (type: [UInt8], isCritical: Bool, value: ArraySlice<UInt8>)? {
        guard let one = next(Tag.sequence) else { return nil }
        var parts = DERCursor(one)
        guard let type = parts.next(Tag.objectIdentifier) else { return nil }
        let isCritical = parts.next(Tag.boolean).map { $0.contains { $0 != 0 } } ?? false
        guard let value = parts.next(Tag.octetString), parts.isAtEnd else { return nil }
        return (Array(type), isCritical, value)
    }
}

/// Tags that revocation lists use (X.690 §8).
enum Tag {
    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let objectIdentifier: UInt8 = 0x06
    static let enumerated: UInt8 = 0x0A
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    static let sequence: UInt8 = 0x30
    static let extensions: UInt8 = 0xA0
}
