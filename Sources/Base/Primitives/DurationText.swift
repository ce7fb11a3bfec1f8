/// Durations as configuration and requests write them: whole seconds (`90`), or a number with a unit (`30s`, `15m`, `4h`, `7d`).
package enum DurationText {
    /// About 100 years: larger values are mistakes.
    private static let limit: Int64 = 100 * 366 * 86_400

    /// Seconds; `nil` for any other form, signs and blanks included, and beyond a century.
    package static func seconds(_ text: some StringProtocol) -> Int64? {
        var digits = Array(text.utf8)
        var unit: Int64 = 1
        switch digits.last {
        case UInt8(ascii: "s"): digits.removeLast()
        case UInt8(ascii: "m"):
            unit = 60
            digits.removeLast()
        case UInt8(ascii: "h"):
            unit = 3600
            digits.removeLast()
        case UInt8(ascii: "d"):
            unit = 86_400
            digits.removeLast()
        default: break
        }
        guard (1...12).contains(digits.count) else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value <= limit / unit ? value * unit : nil
    }
}
