import Primitives
import SmartCard
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

    private func answer(_ bytes: [UInt8]) -> [UInt8] {
        let command = translate(bytes)
        return files.answer(command, transmissionProtocol) ?? card.transmit(command)
    }
}
