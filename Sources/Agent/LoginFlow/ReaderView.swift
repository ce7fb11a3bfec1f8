package import CardDrivers
package import Identity
package import Primitives
package import SmartCard

/// A reader and what is known of the card in it.
package struct ReaderView: Sendable {
    /// What the reading of a card came to.
    package enum Reading: Sendable {
        case underway
        case done(CardReading)
        case failed(CardError)
    }

    package let reader: ReaderState
    package var reading: Reading?

    /// For addresses: the reader's name in lower case, everything but letters and digits as dashes.
    package var id: String { Self.id(reader.name) }

    package static func id(_ name: String) -> String {
        String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    }

    /// The closed list of card states.
    package enum CardState: String, Sendable {
        case absent, reading, ready, foreign, mute, blocked
    }

    package var cardState: CardState {
        switch (reader.presence, reading) {
        case (.absent, _): .absent
        case (.mute, _): .mute
        case (.present, .none), (.present, .underway): .reading
        case (.present, .done(let reading)): reading.pin.triesLeft == 0 ? .blocked : .ready
        case (.present, .failed(.cardMute)), (.present, .failed(.deadlineExceeded)): .mute
        case (.present, .failed(let error)): error.isPassing ? .reading : .foreign
        }
    }
}

extension CardError {
    /// Whether the same card may well be read a moment later: the trouble is on the way to it, not on it.
    var isPassing: Bool {
        switch self {
        case .serviceUnavailable, .notAuthorised, .readerUnavailable, .cardAbsent, .cardRemoved, .cardReset, .cardMute, .cardBusy,
            .deadlineExceeded, .transportFailed, .unexpectedStatus, .pinStateLost:
            true
        case .cardForeign, .cardDiffers, .cardDamaged, .updateInterrupted, .pinFormat, .pinWrong, .pinBlocked, .triesChanged,
            .newPINFormat, .newPINRefused, .pukFormat, .pukWrong, .pukBlocked, .pukExhausted, .pukMissing:
            false
        }
    }
}

/// What was read from a card without its PIN.
package struct CardReading: Sendable {
    package let content: CardContent
    package let pin: PINStatus
    /// When the tries were read, since the machine started.
    package let readSinceBoot: Duration
    /// The holder as the certificate claims, trusted or not.
    package let claimedHolder: Holder?
    package let certificate: CertificateDates?

    /// From when until when the certificate is valid.
    package struct CertificateDates: Sendable {
        package let notBefore: Timestamp
        package let notAfter: Timestamp
    }
}
