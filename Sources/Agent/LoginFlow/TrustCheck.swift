package import PKI
package import Primitives
package import Sessions

/// Whether a certificate may log somebody in, and how sure that is.
package protocol TrustCheck: Sendable {
    func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation)

    /// The same for somebody who logs in now: others may be asked, for a while that a person can wait.
    func checkAtLogin(
        _ certificate: [UInt8], at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation)

    /// Whether a certificate may sign for its holder now, and how sure that is; others may be asked as at a login.
    func checkSignature(
        _ certificate: [UInt8], at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation)

    /// Whether the certificate of a technical key may vouch for its card.
    func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate
}

extension TrustCheck {
    package func checkAtLogin(
        _ certificate: [UInt8], at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        try check(certificate, at: time)
    }
}
