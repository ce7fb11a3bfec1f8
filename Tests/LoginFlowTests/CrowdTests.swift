import Audit
import LoginFlow
import Primitives
import Sessions
import TestSupport
import Testing

/// Many things at once, in whatever order they come: what must hold afterwards.
@Suite(.timeLimit(.minutes(5)))
struct CrowdTests {
    @Test(arguments: 0..<4)
    func nothingSurvivesWhatItLivesBy(round: Int) async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        agent.readers.plug(TestAgent.otherReader)
        let other = try Personas.shared().surgeon.card()
        await withTaskGroup { group in
            for caller in [Caller.user, .other, .user] {
                for reader in [TestAgent.reader, TestAgent.otherReader] {
                    group.addTask {
                        for _ in 0..<5 { await Self.work(agent, caller, reader) }
                    }
                }
            }
            group.addTask {
                for turn in 0..<10 {
                    await agent.insert(card)
                    await agent.insert(other, in: TestAgent.otherReader)
                    for _ in 0..<(50 * (turn % 3 + round)) { await Task.yield() }
                    agent.readers.eject(turn % 2 == 0 ? TestAgent.reader : TestAgent.otherReader)
                    if turn % 3 == 0 { await agent.registry.endAll(.suspended) }
                    await agent.desk.expire()
                    agent.readers.eject(turn % 2 == 0 ? TestAgent.otherReader : TestAgent.reader)
                }
            }
        }
        #expect(await eventually { await agent.board.views.allSatisfy { $0.cardState == .absent } })
        await agent.desk.expire()
        // No card is in: nothing lives, in memory or in the log.
        #expect(await eventually { await agent.registry.sessions(for: .root).isEmpty })
        #expect(await eventually { agent.ledger.sessions.values.allSatisfy { $0.state == .ended } })
        #expect(await agent.desk.open(for: .root).isEmpty)
        // Each session began once and ended once; each PIN that a card took is in the log.
        let (opened, ended) = (agent.ledger.traces(of: .sessionOpened), agent.ledger.traces(of: .sessionEnded))
        #expect(!opened.isEmpty)
        #expect(Set(opened.map(\.session)).count == opened.count)
        #expect(Set(ended.map(\.session)) == Set(opened.map(\.session)))
        #expect(agent.ledger.traces(of: .loginStarted).count >= agent.ledger.traces(of: .pinVerified).count)
        #expect(agent.ledger.traces(of: .pinRefused).allSatisfy { $0.code != "pin_wrong" })
        // And the next login works.
        await agent.insert(card)
        try await agent.logIn()
    }

    /// A user's program that goes on whatever it is refused.
    private static func work(_ agent: TestAgent, _ caller: Caller, _ reader: String) async {
        guard let login = try? await agent.begin(caller, reader: reader, audience: TestAgent.audience) else { return await Task.yield() }
        guard let opened = try? await agent.enter(login: login, by: caller) else { return }
        let request = TokenRequest(audience: TestAgent.audience, scopes: [], ttl: nil, keyThumbprint: nil)
        guard let token = try? await agent.registry.issueToken(request, session: opened.session.id, by: caller) else { return }
        try? await agent.registry.revoke(token.accessToken, by: caller)
    }
}
