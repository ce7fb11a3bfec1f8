import Primitives
import SmartCard

/// A channel that plays a script of commands and answers, in hexadecimal, and fails on anything else.
final class ScriptedChannel: CardChannel {
    let transmissionProtocol: TransmissionProtocol
    var afterUse = AfterUse.leave
    private(set) var sent: [String] = []
    private let answer: (String) -> String?

    /// - Parameter answer: gives the answer to a command; `nil` for one that should not have come.
    init(_ transmissionProtocol: TransmissionProtocol, _ answer: @escaping (String) -> String?) {
        self.transmissionProtocol = transmissionProtocol
        self.answer = answer
    }

    /// Answers that come in this order whatever is sent.
    convenience init(_ transmissionProtocol: TransmissionProtocol, answers: [String]) {
        var rest = answers[...]
        self.init(transmissionProtocol) { _ in rest.popFirst() }
    }

    func transmit(_ command: UnsafeRawBufferPointer) throws(CardError) -> [UInt8] {
        let text = Hex.encode(command, uppercase: true)
        sent.append(text)
        guard let answer = answer(text), let bytes = Hex.decode(answer) else { throw .cardMute }
        return bytes
    }

    func enterPIN(_ entry: PINEntry) throws(CardError) -> StatusWord { throw .keypadUnavailable }
}
