package import Sessions
package import Signatures
package import SmartCard
package import Workstation

/// What an establishment decides about logins.
package struct LoginSettings: Sendable {
    let issuer: String
    /// Thumbprint of the key that signs tokens now.
    let tokenKeyID: @Sendable () -> String
    let afterUse: AfterUse
    /// Whether the data objects behind the PIN are read at a login.
    let readsProtectedObjects: Bool
    /// Seconds.
    let longestSession: Int64
    /// Stamps signatures for whoever wishes it; `nil` where no authority is named.
    let timestamps: TimestampService?
    /// Checks the password of who found a card again that was reported lost; `nil` where nobody has one.
    let passwords: (any PasswordCheck)?
    /// Is told of whom colleagues let in.
    let emergencies: (any EmergencyWatch)?
    /// Which account of this machine a person has.
    let localAccounts: LocalAccounts
    /// Told how long the card took of each login, for whoever measures.
    let cardTime: @Sendable (Duration) -> Void

    package init(
        issuer: String, tokenKeyID: @escaping @Sendable () -> String, afterUse: AfterUse,
        readsProtectedObjects: Bool = false, longestSession: Int64, timestamps: TimestampService? = nil,
        passwords: (any PasswordCheck)? = nil, emergencies: (any EmergencyWatch)? = nil,
        localAccounts: LocalAccounts = .none,
        cardTime: @escaping @Sendable (Duration) -> Void = { _ in }
    ) {
        self.issuer = issuer
        self.tokenKeyID = tokenKeyID
        self.afterUse = afterUse
        self.readsProtectedObjects = readsProtectedObjects
        self.longestSession = longestSession
        self.timestamps = timestamps
        self.passwords = passwords
        self.emergencies = emergencies
        self.localAccounts = localAccounts
        self.cardTime = cardTime
    }
}
