package import PKI
package import Primitives
package import Revocation
package import Sessions

/// The anchors, the revocation lists and, where it is wanted, the OCSP responder (promise P7): a known revocation always refuses; what
/// is not known is flagged or refused, as the establishment decides.
package struct RevocationCheck: TrustCheck {
    private let store: TrustStore
    private let lists: RevocationLists
    /// Seconds after which a list is stale whatever it says of itself.
    private let maxAge: Int64
    private let refusesUnknown: Bool
    private let addresses: ListAddresses?
    private let responder: StatusService?
    private let report: @Sendable (StatusFailure) async -> Void
    private let floor: ClockFloor?

    /// - Parameters:
    ///   - addresses: learns where verified certificates say that lists are.
    ///   - responder: asked when somebody logs in.
    ///   - report: hears why a responder told nothing.
    ///   - floor: no certificate and no list is judged at an earlier time.
    package init(
        _ store: TrustStore, _ lists: RevocationLists, maxAge: Int64, refusesUnknown: Bool, addresses: ListAddresses? = nil,
        responder: StatusService? = nil, report: @escaping @Sendable (StatusFailure) async -> Void = { _ in },
        floor: ClockFloor? = nil
    ) {
        self.store = store
        self.lists = lists
        self.maxAge = maxAge
        self.refusesUnknown = refusesUnknown
        self.addresses = addresses
        self.responder = responder
        self.report = report
        self.floor = floor
    }

    /// A technical certificate that is known to be revoked vouches for nothing; one that is not known to be goes on as it is.
    package func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate {
        let time = judged(time)
        let verified = try store.verify(certificate, for: .card, at: time)
        if case .revoked(let since, _) = lists.finding(for: verified, at: time, maxAge: maxAge).status { throw .revoked(since: since) }
        return verified
    }

    package func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        let time = judged(time)
        let verified = try store.verify(certificate, at: time)
        addresses?.note(verified)
        return (verified, try verdict(on: verified, responder?.remembered(verified, at: time), at: time))
    }

    package func checkAtLogin(
        _ certificate: [UInt8], at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        try await asked(about: try store.verify(certificate, at: judged(time)), at: judged(time))
    }

    package func checkSignature(
        _ certificate: [UInt8], at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        try await asked(about: try store.verify(certificate, for: .signature, at: judged(time)), at: judged(time))
    }

    /// A responder that tells nothing, or not in time, leaves the certificate to the lists.
    private func asked(
        about verified: VerifiedCertificate, at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        addresses?.note(verified)
        guard let responder else { return (verified, try verdict(on: verified, nil, at: time)) }
        // What a list knows to be revoked needs no asking.
        if case .revoked(let since, _) = lists.finding(for: verified, at: time, maxAge: maxAge).status { throw .revoked(since: since) }
        do throws(StatusFailure) {
            let finding = try await responder.ask(about: verified)
            floor?.raise(to: finding.asOf)
        } catch {
            await report(error)
        }
        return (verified, try verdict(on: verified, responder.remembered(verified, at: time), at: time))
    }

    private func judged(_ time: Timestamp) -> Timestamp { floor?.floored(time) ?? time }

    private func verdict(
        on certificate: VerifiedCertificate, _ status: StatusFinding?, at time: Timestamp
    ) throws(CertificateRefusal) -> Session.Revocation {
        let finding = lists.finding(for: certificate, at: time, maxAge: maxAge, status: status)
        let source = finding.asOf.map { _ in finding.source.rawValue }
        switch finding.status {
        case .good: return Session.Revocation(status: .good, source: source, asOf: finding.asOf)
        case .revoked(let since, _): throw .revoked(since: since)
        case .unchecked:
            if refusesUnknown { throw .revocationUnknown(asOf: finding.asOf) }
            return Session.Revocation(status: .unchecked, source: source, asOf: finding.asOf)
        }
    }
}
