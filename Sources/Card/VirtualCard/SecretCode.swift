/// The two codes of a card.
enum CodeKind: Hashable, Sendable {
    case pin
    case puk
}

/// A code of a test card with its counters.
package struct SecretCode: Hashable, Sendable {
    /// 4 to 8 ASCII digits.
    package var digits: String
    package var triesLeft: Int
    package let maximumTries: Int
    /// How often it may still be used in the card's life; `nil` without such a limit.
    package var usesLeft: Int?

    package init(digits: String, triesLeft: Int? = nil, maximumTries: Int, usesLeft: Int? = nil) {
        self.digits = digits
        self.triesLeft = triesLeft ?? maximumTries
        self.maximumTries = maximumTries
        self.usesLeft = usesLeft
    }

    var isBlocked: Bool { triesLeft <= 0 || usesLeft == 0 }

    /// Digits as they travel: padded with FF to eight bytes.
    var block: [UInt8] { Self.padded(Array(digits.utf8)) }

    /// The digits of a block, when it is 4 to 8 of them and FF after them.
    static func digits(of block: [UInt8]) -> String? {
        let digits = block.prefix { $0 != 0xFF }
        guard block.count == 8, digits.count >= 4, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            block.dropFirst(digits.count).allSatisfy({ $0 == 0xFF })
        else { return nil }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Compares and counts: a wrong block costs a try, the right one gives all tries back and costs a use.
    mutating func accepts(_ block: [UInt8]) -> Bool {
        guard !isBlocked else { return false }
        guard block == self.block else {
            triesLeft -= 1
            return false
        }
        triesLeft = maximumTries
        usesLeft = usesLeft.map { $0 - 1 }
        return true
    }

    private static func padded(_ digits: [UInt8]) -> [UInt8] {
        digits + [UInt8](repeating: 0xFF, count: max(0, 8 - digits.count))
    }
}
