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
    /// The answer to this command, counted from 1, is bytes that mean nothing. Once.
    case garbage(Int)
    /// The answer to every command with this instruction is stretched with zeros or cut to this many bytes before its status word.
    case length(instruction: UInt8, Int)
    /// Every command with this instruction announces more bytes, and each GET RESPONSE gives some and announces more, without end.
    case endless(instruction: UInt8)
    /// SELECT tells this size of every file, whatever it holds.
    case fileSize(Int)
    /// The card forgets selections and verified codes after this many more commands, as if another program had reset it. Once.
    case forgetAfter(Int)
    /// Another program has verified the holder's code, whenever the card gets power.
    case pinVerified
    /// An update of the card's content was begun and not ended (EF_ACTUA).
    case updateInterrupted
    /// The holder's code has this many tries left, as if others had used them.
    case triesLeft(Int)

    /// Reads `remove-after=N`, `mute-after=N`, `sw=INS:SW` in hexadecimal, `delay=MS`, `flip=N`, `bad-signature`, `tries=N`,
    /// `garbage=N`, `length=INS:N`, `endless=INS`, `file-size=N`, `forget-after=N`, `pin-verified`, `update-interrupted`.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let number = parts.count == 2 ? Int(parts[1]).flatMap { (0...1_000_000).contains($0) ? $0 : nil } : nil
        switch (parts[0], number) {
        case ("remove-after", let count?): self = .removeAfter(count)
        case ("mute-after", let count?): self = .muteAfter(count)
        case ("delay", let milliseconds?) where milliseconds <= 60_000: self = .delay(milliseconds)
        case ("flip", let position?) where position > 0: self = .flip(position)
        case ("tries", let tries?) where tries <= 3: self = .triesLeft(tries)
        case ("garbage", let position?) where position > 0: self = .garbage(position)
        case ("file-size", let size?) where size <= 0xFFFF: self = .fileSize(size)
        case ("forget-after", let count?): self = .forgetAfter(count)
        case ("sw", _) where parts.count == 2:
            guard let fault = Self.status(parts[1]) else { return nil }
            self = fault
        case ("length", _) where parts.count == 2:
            guard let fault = Self.length(parts[1]) else { return nil }
            self = fault
        case ("endless", _) where parts.count == 2:
            guard let instruction = Hex.decode(parts[1]), instruction.count == 1 else { return nil }
            self = .endless(instruction: instruction[0])
        case ("pin-verified", _) where parts.count == 1: self = .pinVerified
        case ("update-interrupted", _) where parts.count == 1: self = .updateInterrupted
        case ("bad-signature", _) where parts.count == 1: self = .badSignature
        default: return nil
        }
    }

    private static func length(_ text: String) -> Fault? {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2, let instruction = Hex.decode(halves[0]), instruction.count == 1,
            let count = Int(halves[1]), (0...60_000).contains(count)
        else { return nil }
        return .length(instruction: instruction[0], count)
    }

    private static func status(_ text: String) -> Fault? {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false).map { Hex.decode($0) }
        guard halves.count == 2, let instruction = halves[0], instruction.count == 1, let word = halves[1], word.count == 2 else {
            return nil
        }
        return .status(instruction: instruction[0], StatusWord(rawValue: UInt16(word[0]) << 8 | UInt16(word[1])))
    }

    /// Every fault as it is written, and what it does: for `--help`.
    package static let help: [(form: String, meaning: String)] = [
        ("remove-after=N", "the card leaves after N more answers; with 0 instead of an answer; once"),
        ("mute-after=N", "after N more answers it says nothing until it is put in again"),
        ("sw=INS:SW", "commands INS get the status word SW and are not carried out (hexadecimal)"),
        ("delay=MS", "each answer waits MS milliseconds"),
        ("flip=N", "one bit of the Nth answer is wrong; once"),
        ("garbage=N", "the Nth answer is bytes that mean nothing; once"),
        ("length=INS:N", "answers to INS are stretched or cut to N bytes before the status word"),
        ("endless=INS", "answers to INS never end: 61xx again and again"),
        ("file-size=N", "SELECT tells the size N of every file"),
        ("bad-signature", "every signature is wrong by one bit"),
        ("tries=N", "N tries of the PIN are left; stays after 'none'"),
        ("forget-after=N", "after N more answers the card forgets what it holds without power, as if another program reset it; once"),
        ("pin-verified", "another program has verified the PIN, after each reset too"),
        ("update-interrupted", "an update of the card was begun and not ended (CPS3)"),
    ]
}
