import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

/// Promise P5: the card is shared politely.
@Suite(.timeLimit(.minutes(5)))
struct SharedCardTests {
    /// Asks for the state of the PIN as another program would, in the application of a CPS3.
    private func pinState(_ card: VirtualCard) -> [UInt8] { card.transmit([0x00, 0x20, 0x00, 0x01, 0x00]) }

    @Test(arguments: [(AfterUse.reset, false), (.leave, true)])
    func verifiedPINIsLeftOnlyWhereItIsWanted(afterUse: AfterUse, isLeft: Bool) async throws {
        let agent = try await TestAgent(afterUse: afterUse)
        let card = try Personas.shared().doctor.card()
        let insertion = await agent.insert(card)
        try await agent.logIn()
        try await select(agent, insertion)
        #expect((pinState(card) == [0x90, 0x00]) == isLeft)
    }

    @Test func whatAnotherProgramVerifiedIsNotTakenFromIt() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        let insertion = await agent.insert(card)
        let login = try await agent.begin()
        try await select(agent, insertion)
        #expect(card.transmit([0x00, 0x20, 0x00, 0x01, 0x08] + Array("1234".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]) == [0x90, 0x00])
        try await agent.enter(login: login)
        try await select(agent, insertion)
        #expect(pinState(card) == [0x90, 0x00])
    }

    @Test func cardThatIsHeldByAnotherIsNamed() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        agent.readers.failNext(.cardBusy(holder: "opensc"))
        #expect(try await agent.refusal { try await agent.enter(login: login) } == Refusal(.cardBusy, ["held_by": "opensc"]))
    }

    /// Makes the application current, as reading the tries left does.
    private func select(_ agent: TestAgent, _ insertion: Insertion) async throws {
        guard case .done(let reading)? = await agent.board.views.first?.reading else {
            Issue.record("card was not read")
            return
        }
        _ = try await agent.board.refreshed(reading, insertion)
    }
}
