/// Check digits of the national numbers. A failure is a reason to warn, not to refuse, wherever test identities may appear: those of
/// published guides do not all pass.
package enum CheckDigits {
    /// Whether the digits of `text`, doubled every second one from the right, add up to a multiple of 10 (ISO/IEC 7812-1 annex B).
    package static func isLuhnValid(_ text: some StringProtocol) -> Bool {
        isLuhnValid(digits: text.utf8.map { digit($0) })
    }

    /// RPPS number of a person: 11 digits.
    package static func isRPPS(_ text: some StringProtocol) -> Bool { text.utf8.count == 11 && isLuhnValid(text) }

    /// RPPS number of a practice: the person's RPPS number, a rank of two digits, a key.
    package static func isPracticeRPPS(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 14 && isRPPS(text.prefix(11)) && isLuhnValid(text)
    }

    /// FINESS number: 9 characters. The departments of Corsica, 2A and 2B, count as 21 and 22.
    package static func isFINESS(_ text: some StringProtocol) -> Bool {
        var digits = text.utf8.map { digit($0) }
        guard digits.count == 9 else { return false }
        switch String(text.prefix(2)) {
        case "2A": digits[1] = 1
        case "2B": digits[1] = 2
        default: break
        }
        return isLuhnValid(digits: digits)
    }

    /// SIREN number of a company: 9 digits.
    package static func isSIREN(_ text: some StringProtocol) -> Bool { text.utf8.count == 9 && isLuhnValid(text) }

    /// SIRET number of a site: 14 digits.
    package static func isSIRET(_ text: some StringProtocol) -> Bool { text.utf8.count == 14 && isLuhnValid(text) }

    /// The digit that makes `text` followed by it pass ``isLuhnValid(_:)``; `nil` when `text` is empty or not all digits.
    package static func luhnKey(for text: some StringProtocol) -> Int? {
        guard let sum = luhnSum(digits: text.utf8.map { digit($0) } + [0]), !text.isEmpty else { return nil }
        return (10 - sum % 10) % 10
    }

    private static func isLuhnValid(digits: [Int?]) -> Bool {
        guard let sum = luhnSum(digits: digits), !digits.isEmpty else { return false }
        return sum % 10 == 0
    }

    private static func luhnSum(digits: [Int?]) -> Int? {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            guard let digit else { return nil }
            let weighted = place % 2 == 1 ? digit * 2 : digit
            sum += weighted > 9 ? weighted - 9 : weighted
        }
        return sum
    }

    private static func digit(_ character: UInt8) -> Int? {
        (0x30...0x39).contains(character) ? Int(character - 0x30) : nil
    }
}
