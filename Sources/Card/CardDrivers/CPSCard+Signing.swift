package import Primitives
package import SmartCard

/// Signatures that commit the holder, with the key that is for nothing else.
extension CPSCard {
    /// What has to be known before somebody is asked to sign.
    package struct SignatureReading: Hashable, Sendable {
        /// X.509, DER, as it lies on the card.
        package let certificate: [UInt8]
        /// Of the PIN that guards the key.
        package let pin: PINStatus
    }

    /// Reads the certificate of the signature key and the tries left of its PIN. Spends nothing.
    ///
    /// Throws ``CardError/signatureKeyMissing``, and ``CardError/cardDiffers`` for another card than the one that was read.
    package func readSignature(_ content: CardContent) throws(CardError) -> SignatureReading {
        let objects = try Self.signature(content)
        try sameCard(content)
        try enterApplication(content)
        let status = try dialect.pinStatus(objects.pin, application: content.application)
        return SignatureReading(certificate: try dialect.object(objects.certificate, "signature certificate"), pin: status)
    }

    /// Verifies the PIN and signs each of `digests` (SHA-256, at least one) with the signature key, with the same care as a login: one
    /// PIN for these, and nothing left of it for more (``verifyPIN(_:pin:triesShown:afterUse:)``).
    ///
    /// A card that wants the PIN again between two signatures, as its directory says (userConsent) or as it shows by refusing, is
    /// given the one that it has just accepted. A PIN that it refuses ends everything; no signature is then given out.
    package func sign(
        _ content: CardContent, pin: borrowing Secret, triesShown: Int?, digests: [[UInt8]], afterUse: AfterUse
    ) throws(CardError) -> [[UInt8]] {
        let objects = try Self.signature(content)
        let block = try Self.block(objects.pin, pin, orThrow: .pinFormat)
        try stakePIN(content, objects.pin, triesShown: triesShown, afterUse: afterUse)
        try verify(objects.pin, block)
        var signatures: [[UInt8]] = []
        var since = 0
        var most = objects.key.userConsent.map { max(1, $0) } ?? Int.max
        for digest in digests {
            if since >= most {
                try verifyAgain(content, objects.pin, block)
                since = 0
            }
            do throws(CardError) {
                signatures.append(try dialect.sign(objects.key, digest: digest))
            } catch {
                guard error == .pinStateLost, since > 0 else { throw error }
                most = since
                try verifyAgain(content, objects.pin, block)
                since = 0
                signatures.append(try dialect.sign(objects.key, digest: digest))
            }
            since += 1
        }
        return signatures
    }

    /// Costs no try on the card that has just taken this PIN; any other must not see it.
    private func verifyAgain(_ content: CardContent, _ pin: PINObject, _ block: borrowing Secret) throws(CardError) {
        try sameCard(content)
        try enterApplication(content)
        try verify(pin, block)
    }

    private static func signature(_ content: CardContent) throws(CardError) -> SignatureObjects {
        guard let objects = content.signature else { throw .signatureKeyMissing }
        return objects
    }

    /// The key that commits its holder, with a certificate and a PIN of its own or the holder's; a card may well have none.
    func signatureObjects(
        _ keys: [KeyObject], _ certificates: [CertificateObject], _ aodf: [UInt8], holderPIN: PINObject
    ) -> SignatureObjects? {
        for key in keys where key.usage.contains(.nonRepudiation) {
            guard let certificate = certificates.first(where: { $0.id == key.id }) else { continue }
            // What names no code is guarded by the holder's, as the authentication key is; a code that is not there guards nothing.
            guard let authID = key.authID else { return SignatureObjects(pin: holderPIN, key: key, certificate: certificate.path) }
            guard let pin = try? PKCS15Parser.pin(aodf, authID: authID) else { continue }
            return SignatureObjects(pin: pin, key: key, certificate: certificate.path)
        }
        return nil
    }
}
