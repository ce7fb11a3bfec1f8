package import PKI
package import Primitives
package import Sessions

/// Whether a certificate may log somebody in, and how sure that is.
package protocol TrustCheck: Sendable {
    func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation)

    /// Whether the certificate of a technical key may vouch for its card.
    func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate
}
