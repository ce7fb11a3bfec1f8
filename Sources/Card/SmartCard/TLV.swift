/// One BER-TLV data object (ISO/IEC 7816-4 §5.2.2): what FCPs, EF.DIR, GET DATA answers and PKCS#15 files are made of.
package struct TLV: Hashable, Sendable {
    /// The tag's bytes as one number: `0x62`, `0x7F41`, `0xBF8101`.
    package let tag: UInt32
    package let value: [UInt8]

    package init(_ tag: UInt32, _ value: [UInt8]) {
        self.tag = tag
        self.value = value
    }

    /// Why bytes are not a row of data objects.
    package enum Malformed: Error, Hashable, Sendable {
        case truncated
        case tagTooLong
        case lengthTooLong
    }

    /// The data objects of `bytes`, one level deep. A `00` or `FF` where a tag should begin is padding and ends the row.
    ///
    /// Nothing is looked at inside a value, so a value that breaks DER (as some BIT STRINGs on real cards do) is no error.
    package static func parse(_ bytes: some Collection<UInt8>) throws(Malformed) -> [TLV] {
        var objects: [TLV] = []
        var rest = Array(bytes)[...]
        while let first = rest.first, first != 0x00, first != 0xFF { objects.append(try next(&rest)) }
        return objects
    }

    /// The data objects inside this one.
    package func children() throws(Malformed) -> [TLV] { try TLV.parse(value) }

    /// The first child with this tag, or `nil` when there is none or the value is no row of data objects.
    package func child(_ tag: UInt32) -> TLV? { (try? children())?.first { $0.tag == tag } }

    /// Tag, length in the shortest form, value.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for shift in stride(from: 24, through: 0, by: -8) where tag >> UInt32(shift) != 0 {
            bytes.append(UInt8(truncatingIfNeeded: tag >> UInt32(shift)))
        }
        switch value.count {
        case ..<0x80: bytes.append(UInt8(value.count))
        case ..<0x100: bytes += [0x81, UInt8(value.count)]
        default: bytes += [0x82, UInt8(truncatingIfNeeded: value.count >> 8), UInt8(truncatingIfNeeded: value.count)]
        }
        return bytes + value
    }

    private static func next(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> TLV {
        var tag = UInt32(try take(&rest))
        if tag & 0x1F == 0x1F {
            var byte: UInt8
            repeat {
                guard tag <= 0xFFFF else { throw .tagTooLong }
                byte = try take(&rest)
                tag = tag << 8 | UInt32(byte)
            } while byte & 0x80 != 0
        }
        var length = Int(try take(&rest))
        if length >= 0x80 {
            let count = length & 0x7F
            guard (1...2).contains(count) else { throw .lengthTooLong }
            length = 0
            for _ in 0..<count { length = length << 8 | Int(try take(&rest)) }
        }
        guard length <= rest.count else { throw .truncated }
        defer { rest = rest.dropFirst(length) }
        return TLV(tag, Array(rest.prefix(length)))
    }

    private static func take(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> UInt8 {
        guard let byte = rest.popFirst() else { throw .truncated }
        return byte
    }
}
