package import Primitives

/// Reads a JSON text (RFC 8259) that somebody else wrote and that decides about trust.
///
/// Stricter than readers for everyday use: a member that stands twice in an object is refused (RFC 7515 §4 leaves it to the reader which
/// one counts, so two readers could see two meanings), and so are more than ``depthLimit`` levels. Numbers are whole; a fraction, which
/// NumericDate allows (RFC 7519 §2), is cut off. Exponents are refused.
package enum StrictJSON {
    package static let depthLimit = 16

    /// The value, or `nil` when these bytes are not one JSON text of that kind. The caller bounds their number.
    package static func value(_ bytes: [UInt8]) -> JSON? {
        var reader = Reader(bytes: bytes)
        guard let value = try? reader.value(depth: 0) else { return nil }
        reader.skipBlanks()
        return reader.position == bytes.count ? value : nil
    }

    /// The same, when it is an object.
    package static func object(_ bytes: [UInt8]) -> JSON? {
        guard let value = value(bytes), case .object = value else { return nil }
        return value
    }

    private struct Malformed: Error {}

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skipBlanks() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
        }

        mutating func value(depth: Int) throws(Malformed) -> JSON {
            guard depth < StrictJSON.depthLimit else { throw Malformed() }
            skipBlanks()
            switch next {
            case UInt8(ascii: "{"): return try object(depth: depth)
            case UInt8(ascii: "["): return try array(depth: depth)
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try word("true", .bool(true))
            case UInt8(ascii: "f"): return try word("false", .bool(false))
            case UInt8(ascii: "n"): return try word("null", .null)
            default: return .int(try number())
            }
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            position += 1
            return true
        }

        private mutating func word(_ word: StaticString, _ value: JSON) throws(Malformed) -> JSON {
            let end = position + word.utf8CodeUnitCount
            guard end <= bytes.count, bytes[position..<end].elementsEqual("\(word)".utf8) else { throw Malformed() }
            position = end
            return value
        }

        private mutating func object(depth: Int) throws(Malformed) -> JSON {
            position += 1
            var members: [String: JSON] = [:]
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(members) }
            while true {
                skipBlanks()
                guard next == UInt8(ascii: "\"") else { throw Malformed() }
                let name = try string()
                skipBlanks()
                guard take(UInt8(ascii: ":")) else { throw Malformed() }
                guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else { throw Malformed() }
                skipBlanks()
                if take(UInt8(ascii: "}")) { return .object(members) }
                guard take(UInt8(ascii: ",")) else { throw Malformed() }
            }
        }

        private mutating func array(depth: Int) throws(Malformed) -> JSON {
            position += 1
            var values: [JSON] = []
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(values) }
            while true {
                values.append(try value(depth: depth + 1))
                skipBlanks()
                if take(UInt8(ascii: "]")) { return .array(values) }
                guard take(UInt8(ascii: ",")) else { throw Malformed() }
            }
        }

        private mutating func string() throws(Malformed) -> String {
            position += 1
            var text: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let text = String(validating: text, as: UTF8.self) else { throw Malformed() }
                    return text
                case UInt8(ascii: "\\"): text += try escape().utf8
                case ..<0x20: throw Malformed()
                default: text.append(byte)
                }
            }
            throw Malformed()
        }

        private mutating func escape() throws(Malformed) -> String {
            guard let byte = next else { throw Malformed() }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(Unicode.Scalar(byte))
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{C}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"): return try escapedScalar()
            default: throw Malformed()
            }
        }

        private mutating func escapedScalar() throws(Malformed) -> String {
            var code = try fourDigits()
            if (0xD800..<0xDC00).contains(code) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw Malformed() }
                let low = try fourDigits()
                guard (0xDC00..<0xE000).contains(low) else { throw Malformed() }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw Malformed() }
            return String(Character(scalar))
        }

        private mutating func fourDigits() throws(Malformed) -> UInt32 {
            guard position + 4 <= bytes.count else { throw Malformed() }
            var code: UInt32 = 0
            for byte in bytes[position..<position + 4] {
                guard let digit = Unicode.Scalar(byte).properties.isASCIIHexDigit ? Character(Unicode.Scalar(byte)).hexDigitValue : nil
                else { throw Malformed() }
                code = code << 4 | UInt32(digit)
            }
            position += 4
            return code
        }

        private mutating func number() throws(Malformed) -> Int64 {
            let start = position
            _ = take(UInt8(ascii: "-"))
            let whole = try digits()
            guard whole.count == 1 || bytes[whole.lowerBound] != UInt8(ascii: "0"),
                let value = Int64(String(decoding: bytes[start..<whole.upperBound], as: UTF8.self))
            else { throw Malformed() }
            if take(UInt8(ascii: ".")) { _ = try digits() }
            guard next != UInt8(ascii: "e"), next != UInt8(ascii: "E") else { throw Malformed() }
            return value
        }

        private mutating func digits() throws(Malformed) -> Range<Int> {
            let start = position
            while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
            guard position > start else { throw Malformed() }
            return start..<position
        }
    }
}
