/// What is wrong with the bytes of one trace.
package enum TraceFault: Error, Hashable, Sendable {
    /// Not one JSON object in the form that the log writes: no blanks, whole numbers, members of the object in order, UTF-8.
    case malformed
    case tooLong
    /// The last line does not end in a newline.
    case cutShort
    /// `v` is absent or a version that is not known.
    case unknownVersion
    /// `seq` is absent, or not the number that is due here.
    case wrongSequence
}

/// Reads the bytes of one trace as hostile: are they a trace, and which leaf do they say they are?
///
/// Nothing is built; one pass over the bytes, nesting bounded.
package struct TraceScanner {
    private static let depthLimit = 64

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The `seq` of the trace in `line`.
    package static func sequence(of line: UnsafeRawBufferPointer) throws(TraceFault) -> UInt64 { try outline(of: line).sequence }

    /// The `seq` of the trace in `line`, and whether it is an `audit.retained`, which tells of other traces.
    static func outline(of line: UnsafeRawBufferPointer) throws(TraceFault) -> (sequence: UInt64, isRetention: Bool) {
        guard line.count <= TraceDraft.byteLimit else { throw .tooLong }
        var scanner = TraceScanner(line)
        return try scanner.trace()
    }

    private mutating func trace() throws(TraceFault) -> (sequence: UInt64, isRetention: Bool) {
        var isRetention = false
        var sequence: UInt64?
        var version: UInt64?
        var previous = 0..<0
        try take(UInt8(ascii: "{"))
        repeat {
            let key = try string()
            guard previous.isEmpty || bytes[previous].lexicographicallyPrecedes(bytes[key]) else { throw .malformed }
            previous = key
            try take(UInt8(ascii: ":"))
            let start = position
            try value(depth: 1)
            if bytes[key].elementsEqual("seq".utf8) {
                sequence = number(start..<position)
            } else if bytes[key].elementsEqual("v".utf8) {
                version = number(start..<position)
            } else if bytes[key].elementsEqual("event".utf8) {
                isRetention = bytes[start..<position].elementsEqual("\"audit.retained\"".utf8)
            }
        } while skip(UInt8(ascii: ","))
        try take(UInt8(ascii: "}"))
        guard position == bytes.count else { throw .malformed }
        guard version == UInt64(TraceDraft.version) else { throw .unknownVersion }
        guard let sequence else { throw .wrongSequence }
        return (sequence, isRetention)
    }

    /// The whole number without sign in `range`, at most 18 digits; `nil` for any other value.
    private func number(_ range: Range<Int>) -> UInt64? {
        guard range.count <= 18 else { return nil }
        var result: UInt64 = 0
        for byte in bytes[range] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            result = result * 10 + UInt64(byte - 0x30)
        }
        return result
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) throws(TraceFault) {
        guard skip(byte) else { throw .malformed }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(TraceFault) {
        guard depth < Self.depthLimit else { throw .malformed }
        switch next {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try list(from: UInt8(ascii: "{"), to: UInt8(ascii: "}"), named: true, depth: depth)
        case UInt8(ascii: "["): try list(from: UInt8(ascii: "["), to: UInt8(ascii: "]"), named: false, depth: depth)
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try integer()
        }
    }

    private mutating func list(from start: UInt8, to end: UInt8, named: Bool, depth: Int) throws(TraceFault) {
        try take(start)
        if skip(end) { return }
        repeat {
            if named {
                _ = try string()
                try take(UInt8(ascii: ":"))
            }
            try value(depth: depth + 1)
        } while skip(UInt8(ascii: ","))
        try take(end)
    }

    private mutating func word(_ word: StaticString) throws(TraceFault) {
        for offset in 0..<word.utf8CodeUnitCount { try take(word.utf8Start[offset]) }
    }

    private mutating func integer() throws(TraceFault) {
        _ = skip(UInt8(ascii: "-"))
        if skip(UInt8(ascii: "0")) { return }
        let start = position
        while let byte = next, byte >= 0x30, byte <= 0x39 { position += 1 }
        guard position > start else { throw .malformed }
    }

    /// A string; gives where its content stands, escapes and all.
    private mutating func string() throws(TraceFault) -> Range<Int> {
        try take(UInt8(ascii: "\""))
        let start = position
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return start..<(position - 1)
            case UInt8(ascii: "\\"): try escape()
            case 0x20..<0x80: position += 1
            case 0x80...: try scalar()
            default: throw .malformed
            }
        }
        throw .malformed
    }

    private mutating func escape() throws(TraceFault) {
        position += 1
        guard let letter = next else { throw .malformed }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"),
            UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            // Canonical JSON writes only control characters this way.
            for expected in [UInt8(ascii: "0"), UInt8(ascii: "0")] { try take(expected) }
            guard let high = next, high == UInt8(ascii: "0") || high == UInt8(ascii: "1") else { throw .malformed }
            position += 1
            guard let low = next, (0x30...0x39).contains(low) || (0x61...0x66).contains(low) else { throw .malformed }
            position += 1
        default: throw .malformed
        }
    }

    /// One character of two to four bytes, in its shortest form and no surrogate (RFC 3629 §4).
    private mutating func scalar() throws(TraceFault) {
        let rest = bytes.count - position
        let first = bytes[position]
        let second = rest > 1 ? bytes[position + 1] : 0
        let length: Int
        let bounds: ClosedRange<UInt8>
        switch first {
        case 0xC2...0xDF: (length, bounds) = (2, 0x80...0xBF)
        case 0xE0: (length, bounds) = (3, 0xA0...0xBF)
        case 0xED: (length, bounds) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, bounds) = (3, 0x80...0xBF)
        case 0xF0: (length, bounds) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, bounds) = (4, 0x80...0xBF)
        case 0xF4: (length, bounds) = (4, 0x80...0x8F)
        default: throw .malformed
        }
        guard rest >= length, bounds.contains(second) else { throw .malformed }
        for offset in 2..<max(length, 2) where !(0x80...0xBF).contains(bytes[position + offset]) { throw .malformed }
        position += length
    }
}
