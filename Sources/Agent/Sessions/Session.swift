package import Habilitation
package import Identity
package import Primitives

/// What a successful login opens: a holder, known to one user of the machine, present by a card in a reader or let in without it.
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

    package let id: String
    package var state: State
    /// How the holder came in.
    package var entry: Entry
    /// The user of the machine it belongs to.
    package let uid: UInt32
    /// The ended session whose unsaved work the application may give back.
    package let resumes: String?
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
    package let openedAt: Timestamp
    package var expiresAt: Timestamp
    /// Emergencies that go on in it.
    package var emergencies: [Declared] = []
    package var endedAt: Timestamp?
    package var endReason: EndReason?

    package init(
        id: String, state: State, entry: Entry, uid: UInt32, resumes: String?, holder: Holder,
        supervisor: NationalID? = nil, situations: [Situation] = [], profile: Situation? = nil, scopes: [Scope],
        acr: String, amr: [String], openedAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.state = state
        self.entry = entry
        self.uid = uid
        self.resumes = resumes
        self.holder = holder
        self.supervisor = supervisor
        self.situations = situations
        self.profile = profile
        self.scopes = scopes
        self.acr = acr
        self.amr = amr
        self.openedAt = openedAt
        self.expiresAt = expiresAt
    }
}
