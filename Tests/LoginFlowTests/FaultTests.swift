import Audit
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

/// Something goes wrong at each command of a login: a clear end, no session, and the next login works.
@Suite(.timeLimit(.minutes(5)))
struct FaultTests {
    /// Commands between PIN and session, on a card that is known.
    private func commandCount(_ agent: TestAgent) async throws -> Int {
        let login = try await agent.begin()
        _ = agent.readers.takeCommandCount()
        try await agent.enter(login: login)
        for session in await agent.registry.sessions(for: .user) { await agent.registry.end([session.id], .logout, by: .user) }
        _ = try await agent.board.freshView(of: TestAgent.reader)
        return agent.readers.takeCommandCount()
    }

    @Test func errorAtEachCommandOfALoginEndsItClearly() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        _ = try await agent.begin()
        _ = agent.readers.takeCommandCount()
        let login = try await agent.begin()
        _ = agent.readers.takeCommandCount()
        try await agent.enter(login: login)
        let count = agent.readers.takeCommandCount()
        try #require(count > 4)
        for position in 0..<count {
            for error in [CardError.cardReset, .cardMute, .cardBusy(holder: "other"), .deadlineExceeded, .transportFailed(code: 1)] {
                let login = try await agent.begin()
                let countdown = Countdown(position)
                agent.readers.setHook { _ in countdown.tick() ? error : nil }
                let refusal = try await agent.refusal { try await agent.enter(login: login) }
                agent.readers.setHook(nil)
                #expect(refusal != nil)
                #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "failed")
                #expect(agent.ledger.traces.last?.code == refusal?.code.rawValue)
                #expect(agent.ledger.traces.last?.event == .loginFailed)
            }
        }
        try await agent.logIn()
    }

    @Test(arguments: [[0x6F, 0x00], [0x90, 0x00], [0x90], [0xFF, 0xFF, 0xFF], [UInt8](repeating: 0x61, count: 300)] as [[UInt8]])
    func garbageAtEachCommandSpendsAtMostOneTry(garbage: [UInt8]) async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        await agent.insert(card)
        for position in 0..<(try await commandCount(agent)) {
            let before = agent.readers.verifies
            let login = try await agent.begin()
            let countdown = Countdown(position)
            agent.readers.setForger { countdown.tick() ? garbage : $0 }
            let refusal = try await agent.refusal { try await agent.enter(login: login) }
            agent.readers.setForger(nil)
            #expect(agent.readers.verifies - before <= 1)
            #expect(await agent.registry.sessions(for: .user).isEmpty == (refusal != nil))
            try await agent.logIn()
            for session in await agent.registry.sessions(for: .user) { await agent.registry.end([session.id], .logout, by: .user) }
        }
        #expect(card.description.pin.triesLeft == 3)
    }
}
