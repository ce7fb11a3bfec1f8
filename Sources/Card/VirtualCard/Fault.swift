import Primitives
package import SmartCard

/// Something that goes wrong on purpose.
package enum Fault: Hashable, Sendable {
    /// The card leaves as soon as it has answered this many more commands; with 0 it leaves instead of answering. Once.
    case removeAfter(Int)
    /// The card answers this many more commands and then nothing until it is put in again.
    case muteAfter(Int)
    /// Every command with this instruction gets this status word and is not carried out.
    case status(instruction: UInt8, StatusWord)
    /// Each answer waits this many milliseconds, at most a minute.
    case delay(Int)
    /// One bit is wrong in the answer to this command, counted from 1. Once.
    case flip(Int)
    /// Every signature is wrong by one bit.
    case badSignature
    /// The holder's code has this many tries left, as if others had used them.
    case triesLeft(Int)

    /// Reads `remove-after=N`, `mute-after=N`, `sw=INS:SW` in hexadecimal, `delay=MS`, `flip=N`, `bad-signature`, `tries=N`.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let number = parts.count == 2 ? Int(parts[1]).flatMap { (0...1_000_000).contains($0) ? $0 : nil } : nil
        switch (parts[0], number) {
        case ("remove-after", let count?): self = .removeAfter(count)
        case ("mute-after", let count?): self = .muteAfter(count)
        case ("delay", let milliseconds?) where milliseconds <= 60_000: self = .delay(milliseconds)
        case ("flip", let position?) where position > 0: self = .flip(position)
        case ("tries", let tries?) where tries <= 3: self = .triesLeft(tries)
        case ("sw", _) where parts.count == 2:
            guard let fault = Self.status(parts[1]) else { return nil }
            self = fault
        case ("bad-signature", _) where parts.count == 1: self = .badSignature
        default: return nil
        }
    }

    private static func status(_ text: String) -> Fault? {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false).map { Hex.decode($0) }
        guard halves.count == 2, let instruction = halves[0], instruction.count == 1, let word = halves[1], word.count == 2 else {
            return nil
        }
        return .status(instruction: instruction[0], StatusWord(rawValue: UInt16(word[0]) << 8 | UInt16(word[1])))
    }
}
