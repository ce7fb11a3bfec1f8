import PKI
import Primitives
import Revocation
import Testing

@Suite(.timeLimit(.minutes(5)))
struct StatusServiceTests {
    private let made: Lists
    private let responder: Responder
    private let clock = StillClock(Lists.now)
    private let certificate: VerifiedCertificate

    init() throws {
        made = try Lists()
        responder = try Responder()
        certificate = try made.certificate(at: Lists.now)
        responder.knows(certificate.fields.serialNumber, isRevoked: false)
    }

    private func service(nonce: Bool = true, budget: Duration = .seconds(60)) -> StatusService {
        StatusService(
            made.trust, transport: responder,
            settings: StatusService.Settings(
                responder: WebAddress("http://ocsp.example"), sendsNonce: nonce, budget: budget,
                maxAge: 86_400),
            time: clock, random: SystemRandom())
    }

    private func failure(_ service: StatusService) async -> StatusFailure? {
        do throws(StatusFailure) {
            _ = try await service.ask(about: certificate)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [true, false])
    func goodCertificateIsGoodAsOfTheAnswer(nonce: Bool) async throws {
        let service = service(nonce: nonce)
        let finding = try await service.ask(about: certificate)
        #expect(finding.revoked == nil)
        #expect(abs(finding.asOf.seconds + 3600 - Lists.now.seconds) < 600)
        #expect(service.remembered(certificate, at: clock.now()) == finding)
    }

    @Test func issuerMayAnswerItself() async throws {
        responder.manner = .asIssuer
        #expect(await failure(service()) == nil)
    }

    @Test func revokedCertificateIsRevokedAndStaysSo() async throws {
        responder.knows(certificate.fields.serialNumber, isRevoked: true)
        let service = service()
        #expect(try await service.ask(about: certificate).revoked?.reason == .keyCompromise)
        #expect(
            service.remembered(certificate, at: clock.now().advanced(bySeconds: 365 * 86_400))?.revoked
                != nil)
    }

    @Test func laterGoodAnswerLiftsARevocation() async throws {
        let service = service()
        responder.knows(certificate.fields.serialNumber, isRevoked: true)
        _ = try await service.ask(about: certificate)
        responder.knows(certificate.fields.serialNumber, isRevoked: false)
        #expect(try await service.ask(about: certificate).revoked == nil)
        #expect(service.remembered(certificate, at: clock.now())?.revoked == nil)
    }

    @Test func certificateThatTheResponderDoesNotKnowIsUnknown() async throws {
        responder.knows([0x11, 0x20, 0x33], isRevoked: false)
        #expect(await failure(service()) == .unknown)
    }

    @Test func goodAnswerIsForgottenAtItsEnd() async throws {
        responder.minutes = 90
        let service = service()
        let finding = try await service.ask(about: certificate)
        #expect(service.remembered(certificate, at: finding.until) != nil)
        #expect(service.remembered(certificate, at: finding.until.advanced(bySeconds: 1)) == nil)
    }

    @Test func answerPastItsDateIsRefused() async throws {
        responder.minutes = 30
        #expect(await failure(service()) == .outdated)
    }

    @Test func answerOfTomorrowIsRefused() async throws {
        let early = StillClock(Lists.now.advanced(bySeconds: -7200))
        let service = StatusService(
            made.trust, transport: responder,
            settings: StatusService.Settings(
                responder: WebAddress("http://ocsp.example"), sendsNonce: true, maxAge: 86_400),
            time: early,
            random: SystemRandom())
        // The path of a responder that was certified after now is no path either.
        #expect([.outdated, .wrongResponder].contains(await failure(service)))
    }

    @Test func signerThatTheIssuerDidNotChargeWithItIsRefused() async throws {
        responder.manner = .undelegated
        #expect(await failure(service()) == .wrongResponder)
        responder.manner = .ofAnother
        #expect(await failure(service()) == .wrongResponder)
    }

    @Test func answerToAnotherQuestionIsRefused() async throws {
        let first = service()
        _ = try await first.ask(about: certificate)
        responder.manner = .repeating
        #expect(await failure(service()) == .anotherNonce)
    }

    @Test func answerAboutAnotherCertificateIsRefused() async throws {
        let other = try made.trust.verify(made.otherLeaf, at: Lists.now)
        responder.knows(other.fields.serialNumber, isRevoked: false)
        _ = try await service(nonce: false).ask(about: other)
        responder.manner = .repeating
        #expect(await failure(service(nonce: false)) == .anotherCertificate)
    }

    @Test(arguments: [
        ([UInt8](), StatusFailure.malformed), (Array("<html>".utf8), .malformed),
        ([0x30, 0x03, 0x0A, 0x01, 0x03], .refused(3)),
        ([0x30, 0x03, 0x0A, 0x01, 0x06], .refused(6)), ([0x30, 0x03, 0x0A, 0x01, 0x00], .malformed),
        ([0x30, 0x03, 0x0A, 0x01, 0x03, 0x00], .malformed),
    ])
    func whatIsNoAnswerIsRefused(bytes: [UInt8], expected: StatusFailure) async {
        responder.manner = .bytes(bytes)
        #expect(await failure(service()) == expected)
    }

    @Test func everyChangedByteIsRefused() async throws {
        let question = service(nonce: false)
        _ = try await question.ask(about: certificate)
        responder.manner = .repeating
        let good = try await responder.ask(
            [], at: try #require(WebAddress("http://ocsp.example")), largest: 65_536)
        for place in stride(from: 0, to: good.count, by: 13) {
            var bad = good
            bad[place] ^= 0x04
            responder.manner = .bytes(bad)
            #expect(await failure(service(nonce: false)) != nil, "byte \(place)")
        }
    }

    @Test func silentResponderCostsItsBudgetOnceAMinute() async throws {
        responder.manner = .silent
        let service = service(budget: .milliseconds(20))
        #expect(await failure(service) == .notAnswered(.tooSlow))
        #expect(await failure(service) == .resting)
        #expect(responder.asked == 1)
        clock.advance(seconds: 61)
        responder.manner = .honest
        let patient = self.service()
        #expect(await failure(patient) == nil)
        #expect(await failure(service) != .resting)
    }

    @Test func withoutAResponderNothingIsAsked() async throws {
        let named = StatusService(
            made.trust, transport: responder,
            settings: StatusService.Settings(
                responder: nil, sendsNonce: true, budget: .seconds(60), maxAge: 86_400), time: clock,
            random: SystemRandom())
        #expect(certificate.fields.responderAddresses.map(\.text) == ["http://ocsp.esante.gouv.fr"])
        #expect(await failure(named) == nil)
    }

    // MARK: Together with the lists

    private func finding(_ lists: RevocationLists, _ status: StatusFinding?) -> RevocationFinding {
        lists.finding(for: certificate, at: clock.now(), maxAge: 86_400, status: status)
    }

    @Test func goodAnswerTakesThePlaceOfTheIssuersListAlone() async throws {
        let lists = RevocationLists(made.trust)
        let status = try await service().ask(about: certificate)
        // The issuer itself is on no list that is there.
        #expect(finding(lists, status).status == .unchecked(.missing))
        _ = try lists.load(
            path: made.write(by: .root, issued: Lists.now.advanced(bySeconds: -7200)), now: Lists.now)
        let found = finding(lists, status)
        #expect(found.status == .good)
        #expect(found.source == .responder)
        #expect(found.asOf == Lists.now.advanced(bySeconds: -7200))
    }

    @Test func revocationThatAListKnowsCountsWhateverTheResponderSays() async throws {
        let lists = RevocationLists(made.trust)
        let status = try await service().ask(about: certificate)
        _ = try lists.load(path: made.write(revoked: [certificate.fields.serialNumber]), now: Lists.now)
        guard case .revoked = finding(lists, status).status else {
            return #expect(Bool(false), "not revoked")
        }
    }

    @Test func revocationThatTheResponderKnowsCountsWhateverTheListsSay() async throws {
        let lists = RevocationLists(made.trust)
        for signer in [Lists.Signer.root, .issuing] {
            _ = try lists.load(path: made.write(by: signer), now: Lists.now)
        }
        responder.knows(certificate.fields.serialNumber, isRevoked: true)
        let status = try await service().ask(about: certificate)
        guard case .revoked = finding(lists, status).status else {
            return #expect(Bool(false), "not revoked")
        }
    }
}
