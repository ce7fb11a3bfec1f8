package import SmartCard

/// What comes of a PIN entry on a reader's keypad.
package enum Typing: Sendable {
    /// The person types these and confirms.
    case digits(String)
    /// The reader answers of itself.
    case answer(UInt16)
    case failure(CardError)
}

extension PINEntry {
    /// What a reader does: puts the digits into the command, from the left of their block, and sends it.
    package func send(_ digits: String, _ card: ([UInt8]) -> [UInt8]) throws(CardError) -> StatusWord {
        guard (Int(minimumLength)...Int(maximumLength)).contains(digits.utf8.count) else { return .entryLength }
        var command = command
        command.replaceSubrange(5..<(5 + digits.utf8.count), with: Array(digits.utf8))
        guard let response = ResponseAPDU(bytes: card(command)) else { throw .cardMute }
        return response.status
    }
}
