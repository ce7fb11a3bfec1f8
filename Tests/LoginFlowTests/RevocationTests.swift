import Audit
import Foundation
import Habilitation
import LoginFlow
import PKI
import Primitives
import Revocation
import Sessions
import TestPKI
import TestSupport
import Testing

/// Anchors without any revocation list.
func uncheckedTrust() throws -> any TrustCheck {
    let store = try Personas.shared().trust
    return RevocationCheck(store, RevocationLists(store), maxAge: 86_400, refusesUnknown: false)
}

/// A hierarchy of its own for each test, since each changes who is revoked.
@Suite(.timeLimit(.minutes(2)))
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

    @Test func freshListsAreNamedInTheSession() async throws {
        let agent = try await agent()
        try load(at: agent.clock.now())
        let session = try await agent.logIn().session
        #expect(session.revocation.status == .good)
        #expect(session.revocation.source == "crl")
        #expect(session.revocation.asOf?.seconds == agent.clock.now().seconds)
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
        #expect(try await agent.logIn().session.revocation.status == .good)
    }

    @Test func staleListsFlagTheSessionAndSayHowOldTheyAre() async throws {
        let agent = try await agent()
        let issued = agent.clock.now().seconds
        try load(at: agent.clock.now())
        agent.clock.advance(seconds: Self.maxAge + 1)
        let session = try await agent.logIn().session
        #expect(session.revocation.status == .unchecked)
        #expect(session.revocation.asOf?.seconds == issued)
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
        #expect(checked.revocation.status == .good)
        #expect(checked.acr == "\(TestAgent.issuer)/acr/card")
        #expect(await agent.registry.introspect(text, by: .user) == nil)
        #expect(agent.ledger.traces.last?.event == .sessionReassessed)
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
