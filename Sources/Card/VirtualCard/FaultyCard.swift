import SmartCard

/// A card with things that go wrong on purpose: what a reader holds.
package struct FaultyCard: Sendable {
    /// What came of one command.
    package enum Outcome: Hashable, Sendable {
        case answer([UInt8])
        /// No answer, though the card is there.
        case mute
        /// The card left without an answer.
        case removed
        /// The card left just after this answer.
        case lastAnswer([UInt8])
    }

    package let card: VirtualCard
    /// Commands since the card was put in.
    package private(set) var commands = 0
    /// Milliseconds by which each answer is to wait.
    package private(set) var delay = 0
    private var removeAfter: Int?
    private var muteAfter: Int?
    private var isMute = false
    private var flipAt: Int?
    private var statuses: [UInt8: StatusWord] = [:]

    package init(_ card: VirtualCard) { self.card = card }

    /// Whether a reset gets an answer: not from a card that is mute, or shall be before its first command.
    package var answersReset: Bool { !isMute && muteAfter.map { commands < $0 } ?? true }

    /// Counts begin now.
    package mutating func add(_ fault: Fault) {
        switch fault {
        case .removeAfter(let count): removeAfter = commands + count
        case .muteAfter(let count): muteAfter = commands + count
        case .status(let instruction, let word): statuses[instruction] = word
        case .delay(let milliseconds): delay = milliseconds
        case .flip(let position): flipAt = commands + position
        case .badSignature: card.setCorruptsSignatures(true)
        case .triesLeft(let tries): card.setTriesLeft(tries)
        }
    }

    /// Ends all faults; tries stay as they are.
    package mutating func clear() {
        let played = commands
        card.setCorruptsSignatures(false)
        self = FaultyCard(card)
        commands = played
    }

    /// The card is put in: a mute one speaks again; faults that wait for a command count from here.
    package mutating func insert() {
        removeAfter = removeAfter.map { $0 - commands }
        muteAfter = muteAfter.map { $0 - commands }
        flipAt = flipAt.map { $0 - commands }
        isMute = false
        commands = 0
    }

    package mutating func exchange(_ command: [UInt8]) -> Outcome {
        if let last = removeAfter, commands >= last {
            removeAfter = nil
            return .removed
        }
        if let last = muteAfter, commands >= last {
            muteAfter = nil
            isMute = true
        }
        guard !isMute else { return .mute }
        commands += 1
        let answer = flipped(answer(to: command))
        guard removeAfter == commands else { return .answer(answer) }
        removeAfter = nil
        return .lastAnswer(answer)
    }

    private func answer(to command: [UInt8]) -> [UInt8] {
        if command.count >= 4, let word = statuses[command[1]] { return word.bytes }
        return card.transmit(command)
    }

    /// The lowest bit of the middle byte.
    private mutating func flipped(_ answer: [UInt8]) -> [UInt8] {
        guard flipAt == commands, !answer.isEmpty else { return answer }
        flipAt = nil
        var wrong = answer
        wrong[(answer.count - 1) / 2] ^= 0x01
        return wrong
    }
}
