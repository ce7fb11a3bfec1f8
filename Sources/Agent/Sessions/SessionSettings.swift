package import Habilitation
package import Tokens

/// What an establishment decides about sessions and tokens.
package struct SessionSettings: Sendable {
    /// The https origin that tokens name as their issuer.
    package let issuer: String
    package let workstation: String
    package let lifetime: TokenLifetime
    /// The matrix of rights; it may be replaced at any time.
    package let habilitation: HabilitationInForce
    /// Which programs may do what; they may be replaced at any time.
    package let clients: ClientsInForce
    /// Seconds without activity after which a card session locks and any other ends; `nil` for no limit.
    package let inactivity: Int64?
    /// Seconds that a session may last.
    package let longest: Int64
    package let emergencies: EmergencySettings
    /// About sessions without the card.
    package let degraded: DegradedRules
    /// About sessions on phones and tablets.
    package let mobile: MobileRules

    package init(
        issuer: String, workstation: String, lifetime: TokenLifetime, habilitation: HabilitationInForce,
        clients: ClientsInForce = ClientsInForce(), inactivity: Int64?, longest: Int64,
        emergencies: EmergencySettings = EmergencySettings(), degraded: DegradedRules = .off,
        mobile: MobileRules = .off
    ) {
        self.issuer = issuer
        self.workstation = workstation
        self.lifetime = lifetime
        self.habilitation = habilitation
        self.clients = clients
        self.inactivity = inactivity
        self.longest = longest
        self.degraded = degraded
        self.mobile = mobile
        self.emergencies = emergencies
    }

    /// Whether servers are told which sessions ended early: where there are any.
    package var tellsServers: Bool { mobile.isEnabled && !clients.remote.servers.isEmpty }
}
