internal import Primitives
internal import SmartCard

/// What EF.SN says: the chip's own number (ISO/IEC 7812 account number under tag `5A`).
package struct CardSerial: Hashable, Sendable {
    /// Eight digits.
    package let digits: String

    /// The file's identifier under the MF and its size.
    static let path: [UInt8] = [0x3F, 0x00, 0xD0, 0x03]
    static let size = 12

    /// ISO 7812 prefix 80, country 250, issuer 00001.
    private static let issuer: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01]

    /// Throws ``CardError/cardForeign`` when the number is not one of this issuer.
    init(file: [UInt8]) throws(CardError) {
        guard file.count == Self.size, file[0] == 0x5A, file[1] == 0x0A, Array(file[2..<7]) == Self.issuer else { throw .cardForeign }
        let digits = Hex.encode(file[7..<11])
        guard digits.allSatisfy(\.isNumber) else { throw .cardDamaged("EF.SN") }
        self.digits = digits
    }
}
