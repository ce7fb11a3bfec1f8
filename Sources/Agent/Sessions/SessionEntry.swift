package import Habilitation
package import Primitives

extension Session {
    /// How its holder came in: what the session lives by, and what is known of that.
    package enum Entry: Hashable, Sendable {
        case card(Presence)
        case degraded(DegradedEntry)
        case mobile(MobileEntry)
    }

    /// A card in a reader, its PIN given, its certificate trusted.
    package struct Presence: Hashable, Sendable {
        package let place: Place
        package let card: Card
        package var revocation: Revocation

        package init(place: Place, card: Card, revocation: Revocation) {
            self.place = place
            self.card = card
            self.revocation = revocation
        }
    }

    /// A way in without the card (promise P6).
    package struct DegradedEntry: Hashable, Sendable {
        /// Who made this way in.
        package enum Origin: String, Hashable, Sendable, CaseIterable {
            /// The holder, who set the password while their card was there.
            case holder
            /// A référent, who gave an initial password.
            case referent
            /// A colleague, by their own card and PIN, for somebody who stands beside them.
            case vouched
        }

        package let origin: Origin
        /// Id of the account whose password was given; `nil` where a colleague vouched.
        package let account: String?
        /// National identifiers of who made the way in and of who confirmed that; both `nil` where the holder made it.
        package let madeBy: String?
        package let confirmedBy: String?
        /// Code of why the card was not used.
        package let reason: String
        /// What they said of it.
        package let note: String?

        package init(origin: Origin, account: String?, madeBy: String?, confirmedBy: String?, reason: String, note: String?) {
            self.origin = origin
            self.account = account
            self.madeBy = madeBy
            self.confirmedBy = confirmedBy
            self.reason = reason
            self.note = note
        }
    }

    /// Where the card is: the reader, and the stay that the session lives by.
    package struct Place: Hashable, Sendable {
        package let reader: String
        package let readerKind: String
        package let insertion: String

        package init(reader: String, readerKind: String, insertion: String) {
            self.reader = reader
            self.readerKind = readerKind
            self.insertion = insertion
        }
    }

    package struct Card: Hashable, Sendable {
        package let generation: String
        /// CPS, CPF, CPE, CPA.
        package let type: String?
        package let serial: String

        package init(generation: String, type: String?, serial: String) {
            self.generation = generation
            self.type = type
            self.serial = serial
        }
    }

    /// What was found out about revocation, from where, and how old that was.
    package struct Revocation: Hashable, Sendable {
        package enum Status: String, Hashable, Sendable {
            case good, revoked, unchecked
        }

        package let status: Status
        package let source: String?
        package let asOf: Timestamp?

        package init(status: Status, source: String?, asOf: Timestamp?) {
            self.status = status
            self.source = source
            self.asOf = asOf
        }

        /// The column of the rights matrix that a session with a card falls under.
        package var rights: AccessMode { status == .good ? .card : .unchecked }
    }

    package var mode: Mode {
        switch entry {
        case .card: .card
        case .degraded: .degraded
        case .mobile: .mobile
        }
    }

    /// The card it lives by; `nil` without one.
    package var presence: Presence? { if case .card(let presence) = entry { presence } else { nil } }
    package var degraded: DegradedEntry? { if case .degraded(let entry) = entry { entry } else { nil } }

    /// The column of the rights matrix that this session falls under.
    package var rights: AccessMode {
        switch entry {
        case .card(let presence): presence.revocation.rights
        case .degraded: .degraded
        case .mobile: .mobile
        }
    }

    /// Seconds from its opening to its end.
    var life: Int64 { expiresAt.seconds - openedAt.seconds }

    /// Whether it lives by this stay of a card.
    package func lives(by insertion: String) -> Bool { presence?.place.insertion == insertion }
}
