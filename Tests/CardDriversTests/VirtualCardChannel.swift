import Primitives
import SmartCard
import TestSupport
import VirtualCard

/// A transaction with a virtual card in this process: notes every command, and can make the card another one.
final class VirtualCardChannel: CardChannel {
    let transmissionProtocol: TransmissionProtocol
    var afterUse = AfterUse.leave
    var files = PatchedFiles()
    /// Changes a command on its way to the card.
    var translate: ([UInt8]) -> [UInt8] = { $0 }
    /// Answers in place of the card: the number of the command, from 0, the command, and the card as it would answer.
    var intercept: ((_ number: Int, _ command: [UInt8], _ card: () -> [UInt8]) throws(CardError) -> [UInt8]?)?
    /// What a person does on the reader's keypad; `nil` for a reader without.
    var typing: ((PINEntry) -> Typing)?
    /// What the agent asked for on the keypad.
    private(set) var entries: [PINEntry] = []
    private(set) var sent: [[UInt8]] = []
    /// What was to happen at the end of the transaction when each PIN was sent.
    private(set) var afterUseAtVerify: [AfterUse] = []
    private let card: VirtualCard

    init(_ test: TestCard) {
        card = test.card
        transmissionProtocol = test.transmissionProtocol
    }

    /// Commands that can cost a try.
    var verifies: [[UInt8]] { sent.filter(Self.isVerify) }

    static func isVerify(_ command: [UInt8]) -> Bool { command.count > 5 && command[1] == 0x20 }

    func transmit(_ command: UnsafeRawBufferPointer) throws(CardError) -> [UInt8] {
        let bytes = Array(command)
        sent.append(bytes)
        if Self.isVerify(bytes) { afterUseAtVerify.append(afterUse) }
        if let answer = try intercept?(sent.count - 1, bytes, { self.answer(bytes) }) { return answer }
        return answer(bytes)
    }

    func enterPIN(_ entry: PINEntry) throws(CardError) -> StatusWord {
        guard let typing else { throw .keypadUnavailable }
        entries.append(entry)
        afterUseAtVerify.append(afterUse)
        switch typing(entry) {
        case .digits(let digits): return try entry.send(digits) { card.transmit($0) }
        case .answer(let status): return StatusWord(rawValue: status)
        case .failure(let error): throw error
        }
    }

    private func answer(_ bytes: [UInt8]) -> [UInt8] {
        let command = translate(bytes)
        return files.answer(command, transmissionProtocol) ?? card.transmit(command)
    }
}
