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

    /// Compares and counts: a wrong block costs a try, the right one gives all tries back and costs a use.
    mutating func accepts(_ block: [UInt8], as form: CodeForm) -> Bool {
        guard !isBlocked else { return false }
        guard block == form.block(digits) else {
            triesLeft -= 1
            return false
        }
        triesLeft = maximumTries
        usesLeft = usesLeft.map { $0 - 1 }
        return true
    }
}
