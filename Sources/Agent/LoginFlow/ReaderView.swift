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
        /// A card over the air, which opens no session.
        case contactless(ContactlessReading)
        case failed(CardError)
    }

    /// For addresses.
    package let id: String
    package let reader: ReaderState
    /// Whether a PIN may be given to it (``ReaderPolicy``).
    package let isAllowed: Bool
    package var reading: Reading?

    /// The id of each reader: its name in lower case, everything but letters and digits as dashes. Names that come to the same that
    /// way get a checksum of the whole name behind it, each of them, so that an id never means another reader than it did.
    package static func ids(_ names: [String]) -> [String: String] {
        let plain = Dictionary(grouping: Set(names)) { name in
            String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        }
        var ids: [String: String] = [:]
        for (id, names) in plain {
            for name in names { ids[name] = names.count == 1 ? id : "\(id)-\(checksum(name))" }
        }
        return ids
    }

    /// FNV-1a in eight hexadecimal digits.
    private static func checksum(_ name: String) -> String {
        let sum = name.utf8.reduce(UInt32(0x811C_9DC5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return Hex.encode((0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * $0)) })
    }

    /// The closed list of card states.
    package enum CardState: String, Sendable, CaseIterable {
        case absent, reading, ready, foreign, mute, blocked
    }

    package var cardState: CardState {
        switch (reader.presence, reading) {
        case (.absent, _): .absent
        case (.mute, _): .mute
        case (.present, .none), (.present, .underway): .reading
        case (.present, .done(let reading)): reading.pin.triesLeft == 0 ? .blocked : .ready
        // Whatever it has proved: nobody can log in with it.
        case (.present, .contactless): .foreign
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
        case .cardForeign, .cardDiffers, .cardContactless, .cardDamaged, .answerEndless, .answerMalformed, .updateInterrupted, .pinFormat,
            .pinWrong, .pinBlocked, .triesChanged,
            .keypadUnavailable, .keypadTimeout, .keypadCancelled, .keypadMismatch, .newPINFormat, .newPINRefused, .pukFormat, .pukWrong,
            .pukBlocked, .pukExhausted, .pukMissing, .signatureKeyMissing:
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
