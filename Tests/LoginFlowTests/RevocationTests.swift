import Audit
import Foundation
import Habilitation
import LoginFlow
import PKI
import Primitives
import Revocation
import Sessions
import Synchronization
import TestPKI
import TestSupport
import Testing

/// Anchors without any revocation list.
func uncheckedTrust() throws -> any TrustCheck {
    let store = try Personas.shared().trust
    return RevocationCheck(store, RevocationLists(store), maxAge: 86_400, refusesUnknown: false)
}

/// A hierarchy of its own for each test, since each changes who is revoked.
@Suite(.timeLimit(.minutes(5)))
final class RevocationTests {
    private let folder = NSTemporaryDirectory() + "revocation-" + UUID().uuidString
    private let hierarchy: TestHierarchy
    private let doctor: Persona
    private let store: TrustStore
    private let lists: RevocationLists

    private static let maxAge: Int64 = 3600

    init() throws {
        hierarchy = try TestHierarchy.open(folder, time: ManualClock())
        doctor = try Persona("LIBRE", number: 1, profession: 10, hierarchy)
        store = try TrustStore.load(folder: folder)
        lists = RevocationLists(store)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func agent(refusesUnknown: Bool = false) async throws -> TestAgent {
        let check = RevocationCheck(store, lists, maxAge: Self.maxAge, refusesUnknown: refusesUnknown)
        let agent = try await TestAgent(trust: check)
        await agent.insert(try doctor.card())
        return agent
    }

    private func load(at now: Timestamp) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/crls") {
            _ = try lists.load(path: "\(folder)/crls/\(name)", now: now)
        }
    }

    private func revokeDoctor() throws {
        try hierarchy.revoke(serial: CertificateFields(der: doctor.certificate).serialNumber)
    }

    @Test func certificateIsJudgedAtTheFloorWhenTheClockIsSetBack() async throws {
        let clock = ManualClock()
        let floor = ClockFloor(time: clock)
        let check = RevocationCheck(store, lists, maxAge: Self.maxAge, refusesUnknown: false, floor: floor)
        let end = try CertificateFields(der: doctor.certificate).notAfter
        clock.setWall(forwardBy: end.seconds - clock.now().seconds + 1)
        floor.raise(to: clock.now())
        clock.setWall(forwardBy: -86_400)
        #expect(throws: CertificateRefusal.expired(end)) { try check.check(doctor.certificate, at: clock.now()) }
        await #expect(throws: CertificateRefusal.expired(end)) { try await check.checkAtLogin(doctor.certificate, at: clock.now()) }
        #expect(throws: Never.self) {
            try RevocationCheck(store, lists, maxAge: Self.maxAge, refusesUnknown: false).check(doctor.certificate, at: clock.now())
        }
    }

    @Test func freshListsAreNamedInTheSession() async throws {
        let agent = try await agent()
        try load(at: agent.clock.now())
        let session = try await agent.logIn().session
        #expect(session.presence?.revocation.status == .good)
        #expect(session.presence?.revocation.source == "crl")
        #expect(session.presence?.revocation.asOf?.seconds == agent.clock.now().seconds)
        #expect(session.acr == "\(TestAgent.issuer)/acr/card")
    }

    @Test(arguments: [false, true])
    func revokedCertificateIsRefusedUnderBothPolicies(refusesUnknown: Bool) async throws {
        let agent = try await agent(refusesUnknown: refusesUnknown)
        try revokeDoctor()
        try load(at: agent.clock.now())
        #expect(try await agent.refusal { try await agent.begin() }?.code == .certificateRevoked)
        #expect(agent.ledger.traces.last?.code == "certificate_revoked")
    }

    @Test func missingListsAreRefusedWhereTheEstablishmentSaysSo() async throws {
        let agent = try await agent(refusesUnknown: true)
        #expect(try await agent.refusal { try await agent.begin() }?.code == .revocationStale)
        try load(at: agent.clock.now())
        #expect(try await agent.logIn().session.presence?.revocation.status == .good)
    }

    @Test func staleListsFlagTheSessionAndSayHowOldTheyAre() async throws {
        let agent = try await agent()
        let issued = agent.clock.now().seconds
        try load(at: agent.clock.now())
        agent.clock.advance(seconds: Self.maxAge + 1)
        let session = try await agent.logIn().session
        #expect(session.presence?.revocation.status == .unchecked)
        #expect(session.presence?.revocation.asOf?.seconds == issued)
        #expect(session.rights == .unchecked)
    }

    @Test func staleListsAreRefusedWhereTheEstablishmentSaysSo() async throws {
        let agent = try await agent(refusesUnknown: true)
        try load(at: agent.clock.now())
        agent.clock.advance(seconds: Self.maxAge + 1)
        #expect(try await agent.refusal { try await agent.begin() }?.code == .revocationStale)
    }

    @Test func newRevocationEndsTheLiveSessionAndItsTokens() async throws {
        let agent = try await agent()
        try load(at: agent.clock.now())
        let (session, token) = try await agent.logIn(audience: TestAgent.audience)
        try revokeDoctor()
        try load(at: agent.clock.now())
        await agent.desk.reassess()
        let ended = try await agent.registry.session(session.id, for: .user)
        #expect(ended.state == .ended)
        #expect(ended.endReason == .revoked)
        #expect(await agent.registry.introspect(token?.accessToken ?? "", by: .user) == nil)
    }

    @Test func newListsChangeTheContextOfALiveSessionAndKillItsOldTokens() async throws {
        let agent = try await agent()
        let (session, token) = try await agent.logIn(audience: TestAgent.audience)
        let text = try #require(token?.accessToken)
        #expect(await agent.registry.introspect(text, by: .user) != nil)
        try load(at: agent.clock.now())
        await agent.desk.reassess()
        let checked = try await agent.registry.session(session.id, for: .user)
        #expect(checked.presence?.revocation.status == .good)
        #expect(checked.acr == "\(TestAgent.issuer)/acr/card")
        #expect(await agent.registry.introspect(text, by: .user) == nil)
        #expect(agent.ledger.traces.last?.event == .sessionReassessed)
    }

    @Test func holderHearsThatTheCertificateEndsWithinThirtyDays() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        // Cards are certified for three years from thirty days before.
        agent.clock.advance(seconds: (3 * 365 - 30 - 31) * 86_400)
        #expect(try await agent.desk.login(agent.begin(), for: .user)["certificate_ends_soon"] == .null)
        agent.clock.advance(seconds: 2 * 86_400)
        let end = try CertificateFields(der: Personas.shared().doctor.certificate).notAfter
        #expect(try await agent.desk.login(agent.begin(), for: .user)["certificate_ends_soon"]?.string == end.description)
    }

    // MARK: A responder that tells nothing

    private func agent(asking responder: MuteResponder, refusesUnknown: Bool = false) async throws
        -> TestAgent
    {
        let clock = ManualClock()
        let service = StatusService(
            store, transport: responder,
            settings: StatusService.Settings(
                responder: WebAddress("http://ocsp.example"), sendsNonce: true, budget: .milliseconds(20),
                maxAge: Self.maxAge),
            time: clock, random: SystemRandom())
        let check = RevocationCheck(
            store, lists, maxAge: Self.maxAge, refusesUnknown: refusesUnknown, responder: service
        ) { failure in
            responder.heard(failure)
        }
        let agent = try await TestAgent(trust: check)
        await agent.insert(try doctor.card())
        return agent
    }

    @Test(arguments: MuteResponder.Manner.allCases)
    func responderThatTellsNothingLeavesItToTheLists(manner: MuteResponder.Manner) async throws {
        let responder = MuteResponder(manner)
        let agent = try await agent(asking: responder)
        #expect(
            try await agent.logIn().session.presence?.revocation
                == .init(status: .unchecked, source: nil, asOf: nil))
        try load(at: agent.clock.now())
        let session = try await agent.logIn().session
        #expect(session.presence?.revocation.status == .good)
        #expect(session.presence?.revocation.source == "crl")
        #expect(responder.failures.first == manner.failure)
        // It was left alone the second time.
        #expect(responder.failures.last == .resting)
        #expect(responder.asked == 1)
    }

    @Test func responderThatTellsNothingIsNoReasonToBeLetInWhereTheUnknownIsRefused() async throws {
        let agent = try await agent(asking: MuteResponder(.silent), refusesUnknown: true)
        #expect(try await agent.refusal { try await agent.begin() }?.code == .revocationStale)
    }

    @Test func certificateThatAListRevokesIsNotAskedAbout() async throws {
        let responder = MuteResponder(.silent)
        let agent = try await agent(asking: responder)
        try revokeDoctor()
        try load(at: agent.clock.now())
        #expect(try await agent.refusal { try await agent.begin() }?.code == .certificateRevoked)
        #expect(responder.asked == 0)
    }

    @Test func nothingNewChangesNothing() async throws {
        let agent = try await agent()
        try load(at: agent.clock.now())
        let (_, token) = try await agent.logIn(audience: TestAgent.audience)
        let traces = agent.ledger.traces.count
        await agent.desk.reassess()
        #expect(agent.ledger.traces.count == traces)
        #expect(await agent.registry.introspect(token?.accessToken ?? "", by: .user) != nil)
    }
}

/// A responder without a usable answer.
final class MuteResponder: StatusTransport {
    enum Manner: CaseIterable, Sendable {
        case silent, unreachable, garbage, tryLater

        var failure: StatusFailure {
            switch self {
            case .silent: .notAnswered(.tooSlow)
            case .unreachable: .notAnswered(.unreachable("refused"))
            case .garbage: .malformed
            case .tryLater: .refused(3)
            }
        }
    }

    private struct State {
        var asked = 0
        var failures: [StatusFailure] = []
    }

    private let manner: Manner
    private let state = Mutex(State())

    init(_ manner: Manner) { self.manner = manner }

    var asked: Int { state.withLock { $0.asked } }
    var failures: [StatusFailure] { state.withLock { $0.failures } }

    func heard(_ failure: StatusFailure) { state.withLock { $0.failures.append(failure) } }

    func ask(_ question: [UInt8], at address: WebAddress, largest: Int) async throws(FetchFailure)
        -> [UInt8]
    {
        state.withLock { $0.asked += 1 }
        switch manner {
        case .silent:
            try? await Task.sleep(for: .seconds(3600))
            throw .tooSlow
        case .unreachable: throw .unreachable("refused")
        case .garbage: return Array("<html>".utf8)
        case .tryLater: return [0x30, 0x03, 0x0A, 0x01, 0x03]
        }
    }
}
