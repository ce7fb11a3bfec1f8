public import FoundationEssentials
internal import Primitives

/// A login that awaits its PIN, for a minute.
public struct AgentLogin: Hashable, Sendable {
    public let id: String
    /// Whose card it is: show it before the PIN is asked for.
    public let holder: AgentHolder
    /// Show it too; `nil` where the card does not tell without spending one.
    public let triesLeft: Int?
    /// There when one try is left; giving it back is the person's consent to spend it.
    public let lastTryConsent: String?
    public let pinLength: ClosedRange<Int>
    /// Whether the PIN can be entered on the reader itself.
    public let hasKeypad: Bool
    /// Whether the card was reported lost: its holder's password is then asked for before the PIN.
    public let isReportedLost: Bool
    public let isTest: Bool
    public let expiresAt: Date

    init?(_ json: JSON) {
        guard let id = json["id"]?.string, let holder = json["holder"].flatMap({ AgentHolder($0) }),
            let least = json["pin"]?["minimum_length"]?.int, let most = json["pin"]?["maximum_length"]?.int, least >= 0, least <= most,
            most <= 1024, let keypad = json["keypad"]?.bool, let test = json["test"]?.bool, let expires = json.date("expires_at")
        else { return nil }
        self.id = id
        self.holder = holder
        triesLeft = json["tries_left"]?.int.flatMap { Int(exactly: $0) }
        lastTryConsent = json["last_try_consent"]?.string
        pinLength = Int(least)...Int(most)
        hasKeypad = keypad
        isReportedLost = json["reported_lost"] != nil
        isTest = test
        expiresAt = expires
    }
}

/// What a login opened. It lives while the card stays in the reader.
public struct AgentSession: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// The holder has several situations of practice: ``CPSAgent/choose(_:in:)`` one of ``AgentSession/profiles``.
        case profileRequired = "profile_required"
        case active, locked, ended
    }

    public enum Mode: String, Hashable, Sendable, CaseIterable {
        case card, mobile
        /// Without the card, for a reason: say so on the screen.
        case degraded
    }

    public let id: String
    public let state: State
    public let mode: Mode
    /// The user that it belongs to.
    public let uid: UInt32
    public let holder: AgentHolder
    public let profile: AgentProfile?
    /// What there is to choose from.
    public let profiles: [AgentProfile]
    public let scopes: [String]
    /// How the person proved who they are.
    public let acr: String
    /// Ids of the emergencies that go on in it: show that there is one.
    public let breakGlass: [String]
    public let isTest: Bool
    public let openedAt: Date
    public let expiresAt: Date
    public let endedAt: Date?
    /// `card_removed`, `logout`, `inactivity`... `nil` while it lives.
    public let endReason: String?

    init?(_ json: JSON) {
        guard let id = json["id"]?.string, let state = json["state"]?.string.flatMap(State.init(rawValue:)),
            let mode = json["mode"]?.string.flatMap(Mode.init(rawValue:)), let uid = json["uid"]?.int.flatMap({ UInt32(exactly: $0) }),
            let holder = json["holder"].flatMap({ AgentHolder($0) }),
            let profiles = json["profiles"]?.array?.wholeMap({ AgentProfile($0) }),
            let scopes = json["scopes"]?.array?.wholeMap(\.string), let acr = json["acr"]?.string, let test = json["test"]?.bool,
            let emergencies = json["break_glass"]?.array?.wholeMap(\.string), let opened = json.date("opened_at"),
            let expires = json.date("expires_at")
        else { return nil }
        self.id = id
        self.state = state
        self.mode = mode
        self.uid = uid
        self.holder = holder
        profile = json["profile"].flatMap { AgentProfile($0) }
        self.profiles = profiles
        self.scopes = scopes
        self.acr = acr
        breakGlass = emergencies
        isTest = test
        openedAt = opened
        expiresAt = expires
        endedAt = json.date("ended_at")
        endReason = json["end_reason"]?.string
    }
}

/// A session, and the token that the login asked for.
public struct OpenedSession: Hashable, Sendable {
    public let session: AgentSession
    /// `nil` without an audience, and while a situation of practice has to be chosen first.
    public let token: AgentToken?

    init?(_ json: JSON) {
        guard let session = json["session"].flatMap({ AgentSession($0) }) else { return nil }
        self.session = session
        token = AgentToken(json)
    }
}

extension JSON {
    /// A member that is a time (RFC 3339, UTC).
    func date(_ name: String) -> Date? {
        self[name]?.string.flatMap { Timestamp($0) }.map { Date(timeIntervalSince1970: TimeInterval($0.milliseconds) / 1000) }
    }
}
