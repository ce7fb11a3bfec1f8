import Audit
import Identity
import LoginFlow
import MobileSessions
import PKI
import Primitives
import Sessions
import Synchronization
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(2)))
struct RestartTests {
    /// The next run of the agent on what a world left.
    private static func next(after world: MobileWorld, trust: (any TrustCheck)? = nil) async throws -> (agent: TestAgent, desk: MobileDesk)
    {
        let agent = try await TestAgent(trust: trust, mobile: MobileWorld.rules)
        let kept = [KeptRecord.Kind.family, .device, .lostDevice].flatMap { world.ledger.kept($0) }
        _ = try await agent.ledger.commit([], kept.map { .keep($0) })
        let desk = MobileDesk(
            registry: agent.registry, logins: agent.desk, ledger: agent.ledger, signer: agent.signer, hub: agent.hub, time: agent.clock,
            random: CountingRandom(seed: 1 << 33), key: world.key,
            settings: MobileDesk.Settings(issuer: TestAgent.issuer, listenerPin: { nil }))
        let live = await world.registry.mobileSessions.map(\.json)
        try await agent.registry.restore(live, agent.ledger, floor: nil)
        return (agent, desk)
    }

    @Test func sessionsAndTheirRefreshTokensGoOn() async throws {
        let world = try await MobileWorld()
        let first = try await world.letIn()
        let second = try await world.refresh(first.refreshToken).get()
        let (agent, desk) = try await Self.next(after: world)
        try await desk.start()
        let third = try await desk.tokens(for: .refresh(token: second.refreshToken), .phone)
        #expect(third.session == first.session)
        // What was used before the restart is used.
        await #expect(throws: MobileRefusal(.invalidGrant, "the refresh token is not good")) {
            try await desk.tokens(for: .refresh(token: first.refreshToken), .phone)
        }
        #expect(await agent.registry.mobileSessions.isEmpty)
        #expect(agent.ledger.traces(of: .mobileAlarm).map(\.reason) == ["refresh_reused"])
    }

    @Test func revokedCertificateEndsTheSessionWithoutItsCard() async throws {
        let world = try await MobileWorld()
        try await world.letIn()
        let trust = Revocable(try Personas.shared().trust)
        let (agent, desk) = try await Self.next(after: world, trust: trust)
        try await desk.start()
        await agent.desk.reassess()
        #expect(await agent.registry.mobileSessions.count == 1)
        trust.revoke()
        await agent.desk.reassess()
        #expect(await agent.registry.mobileSessions.isEmpty && agent.ledger.sessions.values.map(\.endReason) == [.revoked])
    }

    @Test func revokedCertificateEndsTheSessionAfterTheCardHasLeft() async throws {
        let trust = Revocable(try Personas.shared().trust)
        let world = try await MobileWorld(trust: trust)
        let tokens = try await world.letIn()
        await world.agent.eject(world.insertion)
        await world.agent.desk.reassess()
        #expect(await world.mobile(tokens.session) != nil)
        trust.revoke()
        await world.agent.desk.reassess()
        #expect(world.ledger.sessions[tokens.session]?.endReason == .revoked)
    }

    @Test func recordWithoutSessionIsForgottenAndSessionWithoutRecordEnds() async throws {
        let world = try await MobileWorld()
        let first = try await world.letIn()
        let second = try await world.letIn(.thief)
        let (agent, desk) = try await Self.next(after: world)
        await agent.registry.end([first.session], .administrator, by: nil)
        _ = try await agent.ledger.commit(
            [], [.forget(.family, id: second.session), .keep(KeptRecord(.family, "gone", key: "x", isOpen: false, json: [:]))])
        try await desk.start()
        #expect(agent.ledger.kept(.family).isEmpty && (agent.ledger.sessions[second.session]?.endReason == .agentRestarted))
    }

    @Test func lostDeviceStaysLost() async throws {
        let world = try await MobileWorld()
        try await world.letIn()
        _ = try await world.desk.reportLost(person: nil, device: nil, note: nil, session: world.session.id, by: .user)
        let (_, desk) = try await Self.next(after: world)
        try await desk.start()
        await #expect(throws: MobileRefusal(.accessDenied, "device_lost")) { try await desk.authorize(.phone) }
    }

    @Test func unreadableStoreStopsTheStart() async throws {
        let world = try await MobileWorld()
        try await world.letIn()
        let (agent, desk) = try await Self.next(after: world)
        await agent.registry.end(await agent.registry.mobileSessions.map(\.id), .administrator, by: nil)
        _ = try await agent.ledger.commit(
            [], world.ledger.kept(.device).map { .keep($0) } + [.keep(KeptRecord(.family, "gone", key: "x", isOpen: false, json: [:]))])
        agent.ledger.setFails(true)
        await #expect(throws: LedgerFailure.self) { try await desk.start() }
    }
}

/// Certificates that are revoked when a test says so.
private final class Revocable: TrustCheck {
    private let fresh: FreshCheck
    private let isRevoked = Mutex(false)

    init(_ store: TrustStore) { fresh = FreshCheck(store) }

    func revoke() { isRevoked.withLock { $0 = true } }

    func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        if isRevoked.withLock({ $0 }) { throw .revoked(since: time) }
        return try fresh.check(certificate, at: time)
    }

    func checkSignature(
        _ certificate: [UInt8], at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        try await fresh.checkSignature(certificate, at: time)
    }

    func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate {
        try fresh.checkTechnical(certificate, at: time)
    }
}
