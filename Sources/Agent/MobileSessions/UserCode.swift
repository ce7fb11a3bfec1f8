internal import Primitives

/// The code that a device shows and a person types (RFC 8628 §6.1): eight letters without vowels, of 20: 34 bits.
enum UserCode {
    private static let letters = Array("BCDFGHJKLMNPQRSTVWXZ".utf8)
    private static let length = 8
    /// Longer than anybody spells one, in bytes.
    private static let longest = 64

    static func make(_ random: any RandomSource) -> String {
        var code: [UInt8] = []
        // Bytes beyond the last whole row of letters would make some of them likelier.
        let even = UInt8(256 / letters.count * letters.count)
        while code.count < length {
            code += random.bytes(2 * length).filter { $0 < even }.prefix(length - code.count).map { letters[Int($0) % letters.count] }
        }
        return String(decoding: code, as: UTF8.self)
    }

    /// As people are shown it.
    static func shown(_ code: String) -> String { "\(code.prefix(4))-\(code.dropFirst(4))" }

    /// However somebody spells it: small letters, hyphens and blanks count for nothing. `nil` for what is no such code.
    static func read(_ typed: String) -> String? {
        guard typed.utf8.count <= longest else { return nil }
        let kept = typed.uppercased().utf8.filter { ![0x20, 0x2D, 0x2E, 0x09].contains($0) }
        guard kept.count == length, kept.allSatisfy(letters.contains) else { return nil }
        return String(decoding: kept, as: UTF8.self)
    }
}
