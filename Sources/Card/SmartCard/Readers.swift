/// One stay of one card in one reader. Its id is random, so it is never used again, across restarts too.
package struct Insertion: Hashable, Sendable {
    package let id: String
    /// The PC/SC name of the reader.
    package let reader: String
    /// PC/SC's counter of insertions and removals of that reader while this stay lasts.
    package let eventCount: UInt16
    /// Answer to reset (ISO/IEC 7816-3 §8), at most 33 bytes.
    package let atr: [UInt8]

    package init(id: String, reader: String, eventCount: UInt16, atr: [UInt8]) {
        self.id = id
        self.reader = reader
        self.eventCount = eventCount
        self.atr = atr
    }
}

/// How a reader is attached.
package enum ReaderKind: String, Hashable, Sendable {
    case usb, serial, network, virtual, unknown
}

/// What a reader holds, as PC/SC sees it.
package enum CardPresence: Hashable, Sendable {
    case absent
    /// Something is in the slot that gave no answer to reset.
    case mute
    case present(Insertion)

    package var insertion: Insertion? { if case .present(let insertion) = self { insertion } else { nil } }
}

/// A reader as PC/SC lists it.
package struct ReaderState: Hashable, Sendable {
    package let name: String
    package let kind: ReaderKind
    /// Whether a PIN can be entered on the reader itself.
    package let hasKeypad: Bool
    package var presence: CardPresence

    package init(name: String, kind: ReaderKind, hasKeypad: Bool = false, presence: CardPresence) {
        self.name = name
        self.kind = kind
        self.hasKeypad = hasKeypad
        self.presence = presence
    }
}

/// Whether the readers are being watched, and if not, why.
package enum MonitoringState: Hashable, Sendable {
    case starting
    case running
    /// No PC/SC service.
    case serviceDown
    /// PC/SC refuses this user.
    case notAuthorised
}

/// All that the monitor knows at one moment. A stay that ended between two snapshots shows by its id being gone.
package struct ReaderSnapshot: Hashable, Sendable {
    package let monitoring: MonitoringState
    package let readers: [ReaderState]

    package init(monitoring: MonitoringState, readers: [ReaderState]) {
        self.monitoring = monitoring
        self.readers = readers
    }
}
