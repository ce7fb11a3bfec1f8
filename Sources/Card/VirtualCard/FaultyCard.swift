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
    private var garbageAt: Int?
    private var forgetAfter: Int?
    private var lengths: [UInt8: Int] = [:]
    private var endless: Set<UInt8> = []
    /// GET RESPONSE goes on for ever.
    private var isEndless = false
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
        case .garbage(let position): garbageAt = commands + position
        case .length(let instruction, let count): lengths[instruction] = count
        case .endless(let instruction): endless.insert(instruction)
        case .fileSize(let size): card.setClaimedSize(size)
        case .forgetAfter(let count): forgetAfter = commands + count
        case .pinVerified: card.setPINVerifiedByOthers(true)
        case .updateInterrupted: card.setUpdateInterrupted(true)
        case .badSignature: card.setCorruptsSignatures(true)
        case .triesLeft(let tries): card.setTriesLeft(tries)
        }
    }

    /// Ends all faults; tries stay as they are.
    package mutating func clear() {
        let played = commands
        card.setCorruptsSignatures(false)
        card.setClaimedSize(nil)
        card.setPINVerifiedByOthers(false)
        card.setUpdateInterrupted(false)
        self = FaultyCard(card)
        commands = played
    }

    /// The card is put in: a mute one speaks again; faults that wait for a command count from here.
    package mutating func insert() {
        removeAfter = removeAfter.map { $0 - commands }
        muteAfter = muteAfter.map { $0 - commands }
        flipAt = flipAt.map { $0 - commands }
        garbageAt = garbageAt.map { $0 - commands }
        forgetAfter = forgetAfter.map { $0 - commands }
        isEndless = false
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
        if let last = forgetAfter, commands >= last {
            forgetAfter = nil
            card.reset()
        }
        commands += 1
        let answer = spoiled(answer(to: command))
        guard removeAfter == commands else { return .answer(answer) }
        removeAfter = nil
        return .lastAnswer(answer)
    }

    private mutating func answer(to command: [UInt8]) -> [UInt8] {
        guard command.count >= 4 else { return card.transmit(command) }
        let instruction = command[1]
        if let word = statuses[instruction] { return word.bytes }
        if endless.contains(instruction) {
            isEndless = true
            return Self.more
        }
        if isEndless, instruction == 0xC0 { return [UInt8](repeating: 0x30, count: 16) + Self.more }
        isEndless = false
        let answer = card.transmit(command)
        guard let length = lengths[instruction], answer.count >= 2 else { return answer }
        let data = answer.dropLast(2).prefix(length)
        return data + [UInt8](repeating: 0, count: length - data.count) + answer.suffix(2)
    }

    /// Sixteen bytes wait.
    private static let more: [UInt8] = [0x61, 0x10]

    /// Junk in place of the answer, or the lowest bit of its middle byte turned.
    private mutating func spoiled(_ answer: [UInt8]) -> [UInt8] {
        if garbageAt == commands {
            garbageAt = nil
            return [0xDE, 0xAD, 0xBE, 0xEF, 0x42]
        }
        guard flipAt == commands, !answer.isEmpty else { return answer }
        flipAt = nil
        var wrong = answer
        wrong[(answer.count - 1) / 2] ^= 0x01
        return wrong
    }
}
