/// What is left of a code as the card tells it; `nil` where it does not tell.
package struct CodeCounter: Hashable, Sendable {
    /// Wrong attempts until the code is blocked.
    package let triesLeft: Int?
    /// How often the code may still be used in the card's life.
    package let usesLeft: Int?

    package init(triesLeft: Int?, usesLeft: Int?) {
        self.triesLeft = triesLeft
        self.usesLeft = usesLeft
    }
}

/// The counters of the holder's PIN and of the code that unblocks it.
package struct CodeCounters: Hashable, Sendable {
    package let pin: CodeCounter
    /// `nil` when the card names no such code.
    package let puk: CodeCounter?

    package init(pin: CodeCounter, puk: CodeCounter?) {
        self.pin = pin
        self.puk = puk
    }
}

/// The state of a code before it is spent.
struct CodeStatus: Hashable, Sendable {
    let counter: CodeCounter
    /// Verified since the last reset, by whichever program.
    let verified: Bool
}
