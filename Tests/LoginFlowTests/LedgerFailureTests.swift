import Audit
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing

/// Promise P1: nothing is granted without its trace.
@Suite(.timeLimit(.minutes(5)))
struct LedgerFailureTests {
    @Test func loginDoesNotBeginWithoutItsTrace() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        agent.ledger.setFails(true)
        #expect(try await agent.refusal { try await agent.begin() }?.code == .traceUnavailable)
        #expect(await agent.desk.open(for: .user).isEmpty)
        agent.ledger.setFails(false)
        try await agent.logIn()
    }

    @Test func refusalWithoutItsTraceIsAnotherRefusal() async throws {
        let agent = try await TestAgent()
        agent.ledger.setFails(true)
        #expect(try await agent.refusal { try await agent.begin() }?.code == .traceUnavailable)
    }

    @Test func sessionDoesNotOpenWithoutItsTrace() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin(audience: TestAgent.audience)
        agent.ledger.setFails(true)
        #expect(try await agent.refusal { try await agent.enter(login: login) }?.code == .traceUnavailable)
        #expect(await agent.registry.sessions(for: .user).isEmpty)
        #expect(agent.ledger.issuedTokens.isEmpty)
        #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "failed")
        agent.ledger.setFails(false)
        // The PIN was tried on the card: that is written as soon as it can be.
        await agent.registry.sweep()
        #expect(agent.ledger.events.contains(.pinVerified))
        #expect(agent.ledger.traces(of: .loginFailed).map(\.code) == ["trace_unavailable"])
        try await agent.logIn()
    }

    @Test func triedPINIsWrittenLaterWhenTheLedgerFails() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        agent.ledger.setFails(true)
        #expect(try await agent.refusal { try await agent.enter("0000", login: login) }?.code == .traceUnavailable)
        #expect(agent.readers.verifies == 1)
        agent.ledger.setFails(false)
        await agent.registry.sweep()
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == ["pin_wrong"])
        // The login can go on, and shows what is left.
        #expect(try await agent.desk.login(login, for: .user)["tries_left"]?.int == 2)
        try await agent.enter(login: login)
    }

    @Test func refusalsThatCannotBeWrittenDoNotPileUp() async throws {
        let agent = try await TestAgent()
        agent.ledger.setFails(true)
        for _ in 0..<100 { _ = try await agent.refusal { try await agent.begin() } }
        agent.ledger.setFails(false)
        await agent.registry.sweep()
        #expect(agent.ledger.traces(of: .loginRefused).isEmpty)
    }

    @Test func cancelIsServedAndWrittenLater() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        agent.ledger.setFails(true)
        try await agent.desk.cancel(login, by: .user)
        #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "cancelled")
        agent.ledger.setFails(false)
        await agent.registry.sweep()
        #expect(agent.ledger.traces(of: .loginCancelled).count == 1)
    }

    @Test func expiryIsWrittenLater() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        _ = try await agent.begin()
        agent.clock.advance(seconds: 60)
        agent.ledger.setFails(true)
        await agent.desk.expire()
        agent.ledger.setFails(false)
        await agent.registry.sweep()
        #expect(agent.ledger.traces(of: .loginExpired).count == 1)
    }

    @Test func listenersHearOfALoginAfterItsTrace() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        let subscription = agent.hub.subscribe(uid: 1000, after: nil)
        let gate = agent.ledger.hold(.loginFailed)
        agent.readers.failNext(.cardMute)
        async let entering = agent.refusal { try await agent.enter(login: login) }
        await gate.reached()
        #expect(agent.hub.subscribe(uid: 1000, after: subscription.position).replay?.contains { $0.event.kind == .login } == false)
        gate.open()
        #expect(try await entering?.code == .cardMute)
        #expect(agent.hub.subscribe(uid: 1000, after: subscription.position).replay?.last?.event.data["state"]?.string == "failed")
    }

    @Test func endedMonitoringIsWrittenWhenItChanges() async throws {
        let agent = try await TestAgent()
        #expect(await eventually { await agent.board.monitoring == "running" })
        agent.readers.setMonitoring(.serviceDown)
        #expect(await eventually { agent.ledger.events.contains(.monitoringLost) })
        #expect(agent.ledger.traces(of: .monitoringLost).first?.detail?["state"]?.string == "service_down")
    }
}
