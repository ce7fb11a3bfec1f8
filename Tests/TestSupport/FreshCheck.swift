import LoginFlow
package import PKI
package import Primitives
package import Sessions

/// Anchors checked for real, revocation found good a minute ago.
package struct FreshCheck: TrustCheck {
    private let store: TrustStore

    package init(_ store: TrustStore) { self.store = store }

    package func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        (try store.verify(certificate, at: time), Self.good(at: time))
    }

    package func checkSignature(
        _ certificate: [UInt8], at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        (try store.verify(certificate, for: .signature, at: time), Self.good(at: time))
    }

    private static func good(at time: Timestamp) -> Session.Revocation {
        Session.Revocation(status: .good, source: "crl", asOf: time.advanced(bySeconds: -60))
    }

    package func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate {
        try store.verify(certificate, for: .card, at: time)
    }
}
