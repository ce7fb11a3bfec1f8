internal import Primitives

/// The state of the agent.
public struct AgentStatus: Hashable, Sendable {
    public struct Reader: Hashable, Sendable {
        public let id: String
        /// The PC/SC name.
        public let name: String
        /// Whether a PIN can be entered on the reader itself.
        public let hasKeypad: Bool
        public let card: AgentCard.State
    }

    /// Of the product.
    public let version: String
    /// Of the API: what may come within it is in `Docs/API-versions.md`.
    public let apiVersion: String
    public let workstation: String
    /// The issuer that tokens name.
    public let issuer: String
    /// Whether the authorities of tests are installed: no real records on such a workstation.
    public let isTest: Bool
    /// Whether the readers are watched; without that nobody can log in with a card.
    public let isWatchingReaders: Bool
    public let readers: [Reader]
    /// What somebody should look at, in the language asked for.
    public let warnings: [String]

    init?(_ json: JSON) {
        guard let version = json["version"]?.string, let workstation = json["workstation"]?.string, let issuer = json["issuer"]?.string,
            let environment = json["environment"]?.string, let monitoring = json["monitoring"]?.string,
            let readers = json["readers"]?.array?.wholeMap(Reader.init), let warnings = json["warnings"]?.array?.wholeMap(\.string)
        else { return nil }
        self.version = version
        apiVersion = json["api_version"]?.string ?? "1.0.0"
        self.workstation = workstation
        self.issuer = issuer
        isTest = environment != "production"
        isWatchingReaders = monitoring == "running"
        self.readers = readers
        self.warnings = warnings
    }
}

extension AgentStatus.Reader {
    init?(_ json: JSON) {
        guard let id = json["id"]?.string, let name = json["name"]?.string, let keypad = json["keypad"]?.bool,
            let card = json["card"]?.string.flatMap(AgentCard.State.init(rawValue:))
        else { return nil }
        self.init(id: id, name: name, hasKeypad: keypad, card: card)
    }
}

/// The card in a reader, as far as it can be known without its PIN. It proves nothing about who put it there.
public struct AgentCard: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case absent, reading, ready, foreign, mute, blocked
    }

    /// PC/SC name of the reader.
    public let reader: String
    public let state: State
    /// This stay of the card in the reader; never used again for another.
    public let insertion: String?
    public let holder: AgentHolder?
    /// `nil` where the card does not tell without spending one.
    public let triesLeft: Int?
    /// What a login would be refused with.
    public let code: String?

    init?(_ json: JSON) {
        guard let reader = json["reader"]?.string, let state = json["state"]?.string.flatMap(State.init(rawValue:)) else { return nil }
        self.reader = reader
        self.state = state
        insertion = json["insertion"]?.string
        holder = json["holder"].flatMap { AgentHolder($0) }
        triesLeft = json["tries_left"]?.int.flatMap { Int(exactly: $0) }
        code = json["code"]?.string
    }
}

extension [JSON] {
    /// Each element as `read` takes it; `nil` when it does not take one.
    func wholeMap<Value>(_ read: (JSON) -> Value?) -> [Value]? {
        let values = compactMap(read)
        return values.count == count ? values : nil
    }
}
