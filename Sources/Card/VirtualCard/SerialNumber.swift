/// EF.SN: the card's primary account number in BCD (ISO/IEC 7812-1).
enum SerialNumber {
    private static let issuer: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01]

    /// Twelve bytes: `5A 0A`, issuer 8025000001, eight digits, the Luhn digit, F.
    static func content(digits: String) -> [UInt8] {
        let values = digits.utf8.map { $0 & 0x0F }
        let serial = stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
        let body = issuer + serial
        return [0x5A, 0x0A] + body + [luhn(body.flatMap { [$0 >> 4, $0 & 0x0F] }) << 4 | 0x0F]
    }

    /// The digit that makes the sum of ISO/IEC 7812-1 annex B a multiple of ten.
    static func luhn(_ digits: [UInt8]) -> UInt8 {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let value = Int(digit) * (index % 2 == 0 ? 2 : 1)
            sum += value > 9 ? value - 9 : value
        }
        return UInt8((10 - sum % 10) % 10)
    }
}
