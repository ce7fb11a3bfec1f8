extension JSON {
    /// The one byte form of this value by RFC 8785 (JCS): members sorted by UTF-16 code units, no blanks, shortest escapes.
    ///
    /// Numbers here are whole; beyond 2^53 JCS has no faithful form for them, so such values travel as strings.
    package var canonical: [UInt8] {
        var bytes: [UInt8] = []
        appendCanonical(to: &bytes)
        return bytes
    }

    /// Appends ``canonical``.
    package func appendCanonical(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .int(let value): bytes += String(value).utf8
        case .string(let value): Self.quote(value, to: &bytes)
        case .array(let values):
            bytes.append(0x5B)
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                value.appendCanonical(to: &bytes)
            }
            bytes.append(0x5D)
        case .object(let members):
            bytes.append(0x7B)
            let sorted = members.sorted { Self.precedes($0.key, $1.key) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                Self.quote(member.key, to: &bytes)
                bytes.append(0x3A)
                member.value.appendCanonical(to: &bytes)
            }
            bytes.append(0x7D)
        }
    }

    /// RFC 8785 §3.2.2.2. Whole runs are copied; only what must be escaped is looked at one by one.
    private static func quote(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        var text = text
        text.withUTF8 { utf8 in
            var run = 0
            for index in 0..<utf8.count {
                guard utf8[index] < 0x20 || utf8[index] == 0x22 || utf8[index] == 0x5C else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[run..<index]))
                bytes.append(contentsOf: escape(utf8[index]))
                run = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[run...]))
        }
        bytes.append(0x22)
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x22, 0x5C: [0x5C, byte]
        case 0x08: [0x5C, 0x62]
        case 0x09: [0x5C, 0x74]
        case 0x0A: [0x5C, 0x6E]
        case 0x0C: [0x5C, 0x66]
        case 0x0D: [0x5C, 0x72]
        default: Array("\\u00\(Hex.encode([byte]))".utf8)
        }
    }

    /// The order of RFC 8785 §3.2.3. Between ASCII names it is the order of their bytes, which is what Swift compares then.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        let isPlain = left.utf8.count == left.utf16.count && right.utf8.count == right.utf16.count
        return isPlain ? left < right : left.utf16.lexicographicallyPrecedes(right.utf16)
    }
}
