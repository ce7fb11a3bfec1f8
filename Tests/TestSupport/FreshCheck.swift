import LoginFlow
package import PKI
package import Primitives
package import Sessions

/// Anchors checked for real, revocation found good a minute ago.
package struct FreshCheck: TrustCheck {
    private let store: TrustStore

    package init(_ store: TrustStore) { self.store = store }

    package func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        let asOf = time.advanced(bySeconds: -60)
        return (try store.verify(certificate, at: time), Session.Revocation(status: .good, source: "crl", asOf: asOf))
    }

    package func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate {
        try store.verify(certificate, for: .card, at: time)
    }
}
