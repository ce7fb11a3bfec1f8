/// What is known for sure about the process at the other end of a connection; what is not known fits no rule.
package struct ClientFacts: Hashable, Sendable {
    package let uid: UInt32
    /// The group it connected with, and its others.
    package var groups: Set<UInt32>
    /// The systemd unit it runs in, and that of its user's own manager as `user/NAME`.
    package var units: Set<String>
    package var executable: String?
    /// SHA-256 of the executable, lower-case hexadecimal.
    package var sha256: String?

    package init(
        uid: UInt32, groups: Set<UInt32>, units: Set<String> = [], executable: String? = nil, sha256: String? = nil
    ) {
        self.uid = uid
        self.groups = groups
        self.units = units
        self.executable = executable
        self.sha256 = sha256
    }
}

/// Which programs a client is: every fact that is given must fit, one of its values each.
package struct ClientRule: Hashable, Sendable {
    package let client: Client
    let uids: Set<UInt32>?
    let groups: Set<UInt32>?
    let units: Set<String>?
    let executables: Set<String>?
    let digests: Set<String>?

    package init(
        _ client: Client, uids: Set<UInt32>? = nil, groups: Set<UInt32>? = nil, units: Set<String>? = nil,
        executables: Set<String>? = nil, digests: Set<String>? = nil
    ) {
        self.client = client
        self.uids = uids
        self.groups = groups
        self.units = units
        self.executables = executables
        self.digests = digests
    }

    /// The same whatever the client may do and is called.
    fileprivate var facts: ClientRule {
        ClientRule(Client(name: "", operations: []), uids: uids, groups: groups, units: units, executables: executables, digests: digests)
    }

    func fitsButForDigest(_ facts: ClientFacts) -> Bool {
        if let uids, !uids.contains(facts.uid) { return false }
        if let groups, groups.isDisjoint(with: facts.groups) { return false }
        if let units, units.isDisjoint(with: facts.units) { return false }
        if let executables { return facts.executable.map(executables.contains) ?? false }
        return true
    }

    func fits(_ facts: ClientFacts) -> Bool {
        guard fitsButForDigest(facts) else { return false }
        guard let digests else { return true }
        return facts.sha256.map(digests.contains) ?? false
    }
}

/// The `clients` section: the first rule that fits says who a caller is.
package struct ClientTable: Hashable, Sendable {
    private let rules: [ClientRule]
    /// For what fits no rule.
    private let fallback: Client

    /// - Parameter fallback: the entry `default`; without one, what fits no rule may look and do nothing.
    package init(_ rules: [ClientRule], fallback: Client?) {
        self.rules = rules
        self.fallback = fallback ?? Client(name: Client.fallbackName, operations: [])
    }

    package func match(_ facts: ClientFacts) -> Client { rules.first { $0.fits(facts) }?.client ?? fallback }

    /// The entry of this name; `nil` when there is none.
    func named(_ name: String) -> Client? { rules.first { $0.client.name == name }?.client ?? (name == fallback.name ? fallback : nil) }

    /// Which programs are held to be the entry of this name: what it asks of them, and all that comes before it. Empty when there is none.
    func selection(of name: String) -> [ClientRule] {
        if name == fallback.name { return rules.map(\.facts) }
        guard let index = rules.firstIndex(where: { $0.client.name == name }) else { return [] }
        return rules[...index].map(\.facts)
    }

    /// Whether any rule asks for more than the credentials of the connection.
    package var needsProcess: Bool {
        rules.contains { $0.groups != nil || $0.units != nil || $0.executables != nil || $0.digests != nil }
    }

    /// Whether the digest decides: executables are large, and read for this alone.
    package func needsDigest(_ facts: ClientFacts) -> Bool {
        for rule in rules where rule.fitsButForDigest(facts) {
            guard rule.digests == nil else { return true }
            return false
        }
        return false
    }
}
