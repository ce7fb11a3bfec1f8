package import PKI
package import Primitives
package import Sessions

/// Whether a certificate may log somebody in, and how sure that is.
package protocol TrustCheck: Sendable {
    func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation)

    /// Whether the certificate of a technical key may vouch for its card.
    func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate
}

/// The anchors alone: revocation is not looked at, and the session says so.
package struct AnchorCheck: TrustCheck {
    private let store: TrustStore

    package init(_ store: TrustStore) { self.store = store }

    package func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        (try store.verify(certificate, at: time), Session.Revocation(status: .unchecked, source: nil, asOf: nil))
    }

    package func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate {
        try store.verify(certificate, for: .card, at: time)
    }
}
