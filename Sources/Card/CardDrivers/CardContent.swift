/// What identifies a card: enough to know whether it has been read before.
package struct CardIdentity: Hashable, Sendable {
    package let generation: CardGeneration
    package let serial: CardSerial
    /// Start and end of the last update of its content (EF_ACTUA), empty when there never was one. A new value makes old readings stale.
    let updated: [UInt8]
}

/// What the holder signs with: a key for nothing else (nonRepudiation), the PIN that guards it, and where its certificate lies.
package struct SignatureObjects: Hashable, Sendable {
    package let pin: PINObject
    let key: KeyObject
    /// Absolute path.
    let certificate: [UInt8]
}

/// What was read from a card without its PIN: where things are on it, and the certificate of its authentication key.
///
/// Nothing of it is trusted; it is kept in memory only.
package struct CardContent: Hashable, Sendable {
    package let identity: CardIdentity
    package let pin: PINObject
    /// The code that unblocks the PIN, where the card names one.
    package let puk: PINObject?
    /// X.509, DER, as it lies on the card.
    package let authenticationCertificate: [UInt8]
    let application: [UInt8]
    let authenticationKey: KeyObject
    /// `nil` where the card names no key that commits its holder, or none that can be used.
    package let signature: SignatureObjects?
    /// Absolute paths of the DODFs.
    let dataDirectories: [[UInt8]]
}
