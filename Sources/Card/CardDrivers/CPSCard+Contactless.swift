package import SmartCard

/// What a CPS3 shows over the air: a technical key that proves the card, never its holder. Nothing of it is trusted.
package struct ContactlessContent: Hashable, Sendable {
    package let identity: CardIdentity
    /// X.509, DER, as it lies on the card.
    package let technicalCertificate: [UInt8]
    let application: [UInt8]
    let technicalKey: KeyObject
}

extension CPSCard {
    /// Reads the technical certificate and finds its key from EF.DIR on. There is no PIN and none is asked for.
    package func readContactless(_ identity: CardIdentity) throws(CardError) -> ContactlessContent {
        guard generation == .cps3Contactless, identity.generation == generation else { throw .cardDiffers }
        let (application, directories) = try directories(of: CPSApplication.contactless)
        let found = try keysAndCertificates(application, directories)
        let (key, certificate) = try provingKey(found.keys, found.certificates)
        return ContactlessContent(
            identity: identity, technicalCertificate: certificate, application: application, technicalKey: key)
    }

    /// Signs `digest` (SHA-256) with the technical key, PKCS#1 v1.5; `nil` when the card will not, as a copy cannot.
    package func signWithTechnicalKey(_ content: ContactlessContent, digest: [UInt8]) throws(CardError) -> [UInt8]? {
        guard content.identity.generation == generation else { throw .cardDiffers }
        guard try dialect.select(content.application, sized: false) != nil else { throw .cardDamaged("application") }
        do throws(CardError) {
            return try dialect.authenticate(content.technicalKey, digest: digest)
        } catch {
            switch error {
            case .unexpectedStatus, .pinStateLost, .cardDamaged: return nil
            default: throw error
            }
        }
    }
}
