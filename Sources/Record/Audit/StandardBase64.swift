import Primitives

/// Base64 with the standard alphabet and padding (RFC 4648 §4), as signed notes and checkpoints write it.
package enum StandardBase64 {
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        let text = Base64URL.encode(bytes).utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        let padding = [UInt8](repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
        return String(decoding: text + padding, as: UTF8.self)
    }

    /// `nil` for missing or wrong padding, blanks, letters outside the alphabet, and left-over bits that are not zero.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var letters: [UInt8] = []
        var padding = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0 else { return nil }
            switch byte {
            case UInt8(ascii: "+"): letters.append(UInt8(ascii: "-"))
            case UInt8(ascii: "/"): letters.append(UInt8(ascii: "_"))
            case UInt8(ascii: "-"), UInt8(ascii: "_"): return nil
            default: letters.append(byte)
            }
        }
        guard padding == (4 - letters.count % 4) % 4, padding < 3 else { return nil }
        return Base64URL.decode(String(decoding: letters, as: UTF8.self))
    }
}
