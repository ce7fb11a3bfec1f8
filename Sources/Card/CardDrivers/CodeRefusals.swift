internal import Primitives
internal import SmartCard

extension CardError {
    /// What the card's answer to the PIN means, when it is not success.
    static func refusal(ofPIN status: StatusWord, during step: String) -> CardError {
        switch status {
        case .authenticationMethodBlocked: .pinBlocked
        case _ where status.triesLeft == 0: .pinBlocked
        case _ where status.triesLeft != nil: .pinWrong(triesLeft: status.triesLeft)
        case .comparisonFailed: .pinWrong(triesLeft: nil)
        default: .unexpectedStatus(status, during: step)
        }
    }

    /// What the answer to an entry on the reader's keypad means, when it is not success.
    static func refusal(ofEntry status: StatusWord) -> CardError {
        switch status {
        case .entryTimeout: .keypadTimeout
        case .entryCancelled: .keypadCancelled
        case .entriesDiffer: .keypadMismatch
        case .entryLength: .pinFormat
        case .entryRefused, .instructionNotSupported: .keypadUnavailable
        default: .refusal(ofPIN: status, during: "verify PIN by keypad")
        }
    }

    /// The same of the unblocking code.
    static func refusal(ofPUK status: StatusWord) -> CardError {
        switch status {
        case .authenticationMethodBlocked: .pukBlocked
        case _ where status.triesLeft == 0: .pukBlocked
        case _ where status.triesLeft != nil: .pukWrong(triesLeft: status.triesLeft)
        case .comparisonFailed: .pukWrong(triesLeft: nil)
        default: .unexpectedStatus(status, during: "verify PUK")
        }
    }

    /// What the card's answer to the new value of a PIN means, once the code that allows it was right.
    static func refusal(ofNewPIN status: StatusWord, during step: String) -> CardError {
        switch status {
        case .incorrectData, .wrongLength: .newPINRefused(status)
        case .securityStatusNotSatisfied: .pinStateLost
        default: .unexpectedStatus(status, during: step)
        }
    }
}

/// The header of a command and two secret blocks after it.
func secretCommand(_ header: [UInt8], _ first: borrowing Secret, _ second: borrowing Secret) -> Secret {
    let both = first.withBytes { first in
        second.withBytes { second in
            Secret(count: first.count + second.count) { buffer in
                buffer.copyBytes(from: first)
                UnsafeMutableRawBufferPointer(rebasing: buffer[first.count...]).copyBytes(from: second)
            }
        }
    }
    return secretCommand(header, both)
}
