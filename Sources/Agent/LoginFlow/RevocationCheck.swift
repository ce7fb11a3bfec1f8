package import PKI
package import Primitives
package import Revocation
package import Sessions

/// The anchors and the revocation lists (promise P7): a known revocation always refuses; what is not known is flagged or refused, as
/// the establishment decides.
package struct RevocationCheck: TrustCheck {
    private let store: TrustStore
    private let lists: RevocationLists
    /// Seconds after which a list is stale whatever it says of itself.
    private let maxAge: Int64
    private let refusesUnknown: Bool

    package init(_ store: TrustStore, _ lists: RevocationLists, maxAge: Int64, refusesUnknown: Bool) {
        self.store = store
        self.lists = lists
        self.maxAge = maxAge
        self.refusesUnknown = refusesUnknown
    }

    /// A technical certificate that is known to be revoked vouches for nothing; one that is not known to be goes on as it is.
    package func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate {
        let verified = try store.verify(certificate, for: .card, at: time)
        if case .revoked(let since, _) = lists.finding(for: verified, at: time, maxAge: maxAge).status { throw .revoked(since: since) }
        return verified
    }

    package func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        let verified = try store.verify(certificate, at: time)
        let finding = lists.finding(for: verified, at: time, maxAge: maxAge)
        let source = finding.asOf.map { _ in "crl" }
        switch finding.status {
        case .good: return (verified, Session.Revocation(status: .good, source: source, asOf: finding.asOf))
        case .revoked(let since, _): throw .revoked(since: since)
        case .unchecked:
            if refusesUnknown { throw .revocationUnknown(asOf: finding.asOf) }
            return (verified, Session.Revocation(status: .unchecked, source: source, asOf: finding.asOf))
        }
    }
}
