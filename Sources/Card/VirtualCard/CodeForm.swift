/// How a code is written and compared, as the AODF states it (ISO/IEC 7816-15 §8.9).
struct CodeForm: Hashable, Sendable {
    /// Fewest and most digits.
    let least: Int
    let most: Int
    /// Bytes that are compared.
    let stored: Int
    /// What fills a code up to ``stored``; `nil` when digits travel alone, always ``most`` of them.
    let pad: UInt8?

    /// Both codes of a CPS3, and every PUK.
    static let pin = CodeForm(least: 4, most: 4, stored: 8, pad: 0xFF)
    static let puk = CodeForm(least: 8, most: 8, stored: 8, pad: 0xFF)

    /// Bytes of every block.
    var blockLength: Int { pad == nil ? most : stored }

    func block(_ digits: String) -> [UInt8] {
        let bytes = Array(digits.utf8)
        guard let pad else { return bytes }
        return bytes + [UInt8](repeating: pad, count: max(0, stored - bytes.count))
    }

    /// The digits of a block: 4 to 8 of them and nothing but padding after them.
    ///
    /// A CPS3 takes more digits than its AODF names, so ``most`` is not looked at where there is padding.
    func digits(of block: [UInt8]) -> String? {
        let digits = block.prefix { (0x30...0x39).contains($0) }
        guard block.count == blockLength, (4...8).contains(digits.count), block.dropFirst(digits.count).allSatisfy({ $0 == pad })
        else { return nil }
        return String(decoding: digits, as: UTF8.self)
    }
}
