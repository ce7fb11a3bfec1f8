internal import OpenSSL
package import PKI
package import Primitives
internal import Synchronization

/// Asks OCSP responders about certificates, within a budget, and remembers what they answered while it holds (RFC 6960).
///
/// A responder that fails is left alone for a minute, so that it costs its budget once and not at every login.
package final class StatusService: Sendable {
    package struct Settings: Hashable, Sendable {
        /// Asked about every certificate; `nil` for the one that the certificate names.
        let responder: WebAddress?
        let sendsNonce: Bool
        /// Longest time for one answer.
        let budget: Duration
        /// Seconds after which an answer is stale whatever it says of itself.
        let maxAge: Int64

        package init(responder: WebAddress?, sendsNonce: Bool, budget: Duration = .milliseconds(1500), maxAge: Int64) {
            self.responder = responder
            self.sendsNonce = sendsNonce
            self.budget = budget
            self.maxAge = maxAge
        }
    }

    private struct State {
        var findings: [[UInt8]: StatusFinding] = [:]
        /// Until when a responder is left alone, since the machine started.
        var resting: [WebAddress: Duration] = [:]
    }

    private let trust: TrustStore
    private let transport: any StatusTransport
    private let settings: Settings
    private let time: any TimeSource
    private let random: any RandomSource
    private let state = Mutex(State())

    private static let rest = Duration.seconds(60)
    private static let largestAnswer = 65_536
    private static let mostFindings = 1024
    /// RFC 9654 §2.1.
    private static let nonceSize = 32

    package init(
        _ trust: TrustStore, transport: any StatusTransport, settings: Settings, time: any TimeSource, random: any RandomSource
    ) {
        self.trust = trust
        self.transport = transport
        self.settings = settings
        self.time = time
        self.random = random
    }

    /// What was answered about a certificate and holds still; a revocation holds until a later answer says otherwise.
    package func remembered(_ certificate: VerifiedCertificate, at now: Timestamp) -> StatusFinding? {
        guard let finding = state.withLock({ $0.findings[certificate.fingerprint] }) else { return nil }
        let holds = now <= finding.until && now >= finding.asOf.advanced(bySeconds: -RevocationLists.clockTolerance)
        return finding.revoked != nil || holds ? finding : nil
    }

    /// Asks now. A good answer is remembered; a bad one changes nothing that is.
    package func ask(about certificate: VerifiedCertificate) async throws(StatusFailure) -> StatusFinding {
        guard let address = settings.responder ?? certificate.fields.responderAddresses.first,
            let issuer = certificate.issuers.first.flatMap({ issuer in trust.authority(issuer.fingerprint) })
        else { throw .noResponder }
        let now = time.sinceBoot()
        guard state.withLock({ $0.resting[address] ?? .zero }) <= now else { throw .resting }
        do throws(StatusFailure) {
            let finding = try await asked(certificate, issuer, at: address)
            state.withLock { state in
                state.resting[address] = nil
                if state.findings.count >= Self.mostFindings { state.findings = state.findings.filter { $0.value.revoked != nil } }
                if state.findings.count < Self.mostFindings { state.findings[certificate.fingerprint] = finding }
            }
            return finding
        } catch {
            // It answered, and knows other certificates perhaps.
            if error != .unknown { state.withLock { $0.resting[address] = now + Self.rest } }
            throw error
        }
    }

    private func asked(
        _ certificate: VerifiedCertificate, _ issuer: Certificate, at address: WebAddress
    ) async throws(StatusFailure) -> StatusFinding {
        let question: StatusQuestion
        do throws(OpenSSLError) {
            question = try StatusQuestion(
                about: try Certificate(der: certificate.der), issuedBy: issuer,
                nonce: settings.sendsNonce ? random.bytes(Self.nonceSize) : nil)
        } catch {
            throw .malformed
        }
        let der: [UInt8]
        do throws(FetchFailure) {
            let (transport, bytes) = (transport, question.der)
            der = try await inTime(settings.budget) { () throws(FetchFailure) in
                try await transport.ask(bytes, at: address, largest: Self.largestAnswer)
            }
        } catch {
            throw .notAnswered(error)
        }
        let answer: StatusAnswer
        do throws(StatusAnswer.Failure) { answer = try question.read(der, issuer: issuer) } catch { throw StatusFailure(error) }
        return try judged(answer, certificate)
    }

    private func judged(_ answer: StatusAnswer, _ certificate: VerifiedCertificate) throws(StatusFailure) -> StatusFinding {
        let now = time.now()
        guard let issuer = certificate.issuers.first, trust.mayAnswer(answer.signer, for: issuer.fingerprint, at: now) else {
            throw .wrongResponder
        }
        let asOf = Timestamp(seconds: answer.thisUpdate)
        let oldest = asOf.advanced(bySeconds: settings.maxAge)
        let until = min(oldest, answer.nextUpdate.map { Timestamp(seconds: $0) } ?? oldest)
        guard asOf <= now.advanced(bySeconds: RevocationLists.clockTolerance), now <= until else { throw .outdated }
        switch answer.fact {
        case .good: return StatusFinding(revoked: nil, asOf: asOf, until: until)
        case .revoked(let since, let reason):
            let reason = UInt8(exactly: reason).flatMap(RevocationReason.init) ?? .unspecified
            return StatusFinding(revoked: .init(since: Timestamp(seconds: since), reason: reason), asOf: asOf, until: until)
        case .unknown: throw .unknown
        }
    }
}

extension StatusFailure {
    fileprivate init(_ failure: StatusAnswer.Failure) {
        self =
            switch failure {
            case .malformed: .malformed
            case .refused(let status): .refused(status)
            case .anotherCertificate: .anotherCertificate
            case .anotherNonce: .anotherNonce
            case .badSignature: .badSignature
            case .weak: .weakSignature
            }
    }
}
