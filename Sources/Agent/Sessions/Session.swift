package import Habilitation
package import Identity
package import Primitives

/// What a successful login opens: a holder, present by a card in a reader, known to one user of the machine.
package struct Session: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        case profileRequired = "profile_required"
        case active, locked, ended
    }

    package enum Mode: String, Hashable, Sendable {
        case card, mobile, degraded
    }

    package enum EndReason: String, Hashable, Sendable {
        case cardRemoved = "card_removed"
        case readerLost = "reader_lost"
        case monitoringLost = "monitoring_lost"
        case suspended
        case agentRestarted = "agent_restarted"
        case logout, inactivity, expired, revoked, administrator
        case accountDisabled = "account_disabled"
        case holderChanged = "holder_changed"
        case replaced, clock
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

    package let id: String
    package var state: State
    package let mode: Mode
    package let place: Place
    /// The user of the machine it belongs to.
    package let uid: UInt32
    /// The ended session whose unsaved work the application may give back.
    package let resumes: String?
    package let card: Card
    package let holder: Holder
    /// Whom a holder in training named as the professional they work under; nobody has checked it.
    package let supervisor: NationalID?
    /// What the holder may choose from.
    package let situations: [Situation]
    /// The one they work in; `nil` while none is chosen, and where none is known: rights are then those of the person alone.
    package var profile: Situation?
    package var scopes: [Scope]
    package var acr: String
    /// Authentication methods (RFC 8176).
    package let amr: [String]
    package var revocation: Revocation
    package let openedAt: Timestamp
    package let expiresAt: Timestamp
    package var endedAt: Timestamp?
    package var endReason: EndReason?

    /// The column of the rights matrix that this session falls under.
    package var rights: AccessMode {
        switch mode {
        case .card: revocation.rights
        case .mobile: .mobile
        case .degraded: .degraded
        }
    }

    package init(
        id: String, state: State, mode: Mode, place: Place, uid: UInt32, resumes: String?, card: Card, holder: Holder,
        supervisor: NationalID? = nil, situations: [Situation] = [], profile: Situation? = nil, scopes: [Scope],
        acr: String, amr: [String], revocation: Revocation, openedAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.state = state
        self.mode = mode
        self.place = place
        self.uid = uid
        self.resumes = resumes
        self.card = card
        self.holder = holder
        self.supervisor = supervisor
        self.situations = situations
        self.profile = profile
        self.scopes = scopes
        self.acr = acr
        self.amr = amr
        self.revocation = revocation
        self.openedAt = openedAt
        self.expiresAt = expiresAt
    }
}
