package import CardDrivers
internal import PKI
package import Primitives
internal import SmartCard

/// What a card told over the air.
package struct ContactlessReading: Sendable {
    package let identity: CardIdentity
    /// Of the technical certificate.
    package let certificate: CardReading.CertificateDates?
    /// Why the card is not proven to be genuine; `nil` when its technical key signed our challenge under a trusted certificate.
    package let refusal: Refusal?
}

extension CardBoard {
    /// Reads a contactless card and has it prove its technical key. No PIN is ever sent over the air.
    func readContactless(_ insertion: Insertion) async throws(CardError) -> ContactlessReading {
        let now = time.now()
        let challenge: CardChallenge?
        do throws(ProofRefusal) {
            challenge = try CardChallenge(nonce: random.bytes(Challenge.nonceSize), insertion: insertion.id, time: now)
        } catch {
            report("no challenge for a contactless card: \(error)")
            challenge = nil
        }
        let digest = challenge?.digest
        let (content, signature) = try await access.transaction(with: insertion, rereads: true, deadline: Self.readDeadline) {
            channel throws(CardError) -> (ContactlessContent, [UInt8]?) in
            let card = try CPSCard(channel, atr: insertion.atr)
            let content = try card.readContactless(try card.identify())
            guard let digest else { return (content, nil) }
            return (content, try card.signWithTechnicalKey(content, digest: digest))
        }
        return ContactlessReading(
            identity: content.identity, certificate: CardReading.CertificateDates(der: content.technicalCertificate),
            refusal: refusal(content.technicalCertificate, challenge, signature, now))
    }

    private func refusal(_ certificate: [UInt8], _ challenge: CardChallenge?, _ signature: [UInt8]?, _ now: Timestamp) -> Refusal? {
        guard let challenge else { return Refusal(.internalError) }
        do throws(CertificateRefusal) {
            let verified = try trust.checkTechnical(certificate, at: now)
            guard let signature, challenge.isSigned(by: verified, signature) else { return Refusal(.cardUnproven) }
            return nil
        } catch {
            return error.refusal
        }
    }
}

extension CardReading.CertificateDates {
    /// `nil` when these bytes are no certificate.
    init?(der: [UInt8]) {
        guard let fields = try? CertificateFields(der: der) else { return nil }
        self.init(notBefore: fields.notBefore, notAfter: fields.notAfter)
    }
}
