import Identity
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

/// Another card answers from some command on: never a session for a mix of the two.
@Suite(.timeLimit(.minutes(5)))
struct SwapTests {
    /// Another card of the same kind or of another, and whether the reader notices.
    static let cases = [(false, false), (false, true), (true, false), (true, true)]

    private func other(_ isOtherKind: Bool) throws -> (persona: Persona, card: VirtualCard) {
        let persona = try isOtherKind ? Personas.shared().surgeon : Personas.shared().nurse
        return (persona, try persona.card())
    }

    private func arm(_ agent: TestAgent, _ card: VirtualCard, isSeen: Bool, at position: Int) {
        let (countdown, readers) = (Countdown(position), agent.readers)
        readers.setHook { _ in
            guard countdown.tick() else { return nil }
            if isSeen {
                readers.eject(TestAgent.reader)
                readers.insert(card, in: TestAgent.reader)
                return .cardRemoved
            }
            readers.swap(card, in: TestAgent.reader)
            return nil
        }
    }

    /// Logs in with the card that is there now, after as many refusals as a person bears; only its holder ever gets a session.
    private func works(_ agent: TestAgent, _ persona: Persona, _ card: VirtualCard, isOtherKind: Bool) async throws {
        if isOtherKind, let insertion = agent.readers.snapshot.readers.first?.presence.insertion {
            // Its answer to reset was never seen, so it has to be put in properly.
            await agent.eject(insertion)
            await agent.insert(card)
        }
        // What the reader noticed the agent has to have heard of.
        #expect(
            await eventually {
                await agent.board.views.first?.reader.presence == agent.readers.snapshot.readers.first?.presence
            })
        var refusals: [ErrorCode] = []
        while refusals.count < 3 {
            do {
                let session = try await agent.logIn().session
                #expect(session.holder.nationalID.text == persona.nationalID)
                #expect(card.description.pin.triesLeft == 3)
                return
            } catch let refusal as Refusal {
                refusals.append(refusal.code)
            }
        }
        Issue.record("the card that is there cannot be used: \(refusals)")
    }

    @Test(arguments: cases)
    func atEachCommandOfALogin(isOtherKind: Bool, isSeen: Bool) async throws {
        var position = 0
        while true {
            let agent = try await TestAgent()
            let (persona, card) = try other(isOtherKind)
            await agent.insert(try Personas.shared().doctor.card())
            let login = try await agent.begin()
            let before = agent.readers.takeCommandCount()
            #expect(before > 0)
            arm(agent, card, isSeen: isSeen, at: position)
            let refusal = try await agent.refusal { try await agent.enter(login: login) }
            agent.readers.setHook(nil)
            guard refusal != nil else {
                // The first card had done all it had to.
                #expect(agent.readers.takeCommandCount() == position)
                break
            }
            #expect(await agent.registry.sessions(for: .user).isEmpty)
            #expect(agent.readers.verifies <= 1)
            try await works(agent, persona, card, isOtherKind: isOtherKind)
            position += 1
        }
        #expect(position > 4)
    }

    @Test(arguments: cases)
    func atEachCommandOfAnInsertion(isOtherKind: Bool, isSeen: Bool) async throws {
        let first = try await TestAgent()
        await first.insert(try Personas.shared().doctor.card())
        let count = first.readers.takeCommandCount()
        try #require(count > 10)
        for position in 0..<count {
            let agent = try await TestAgent()
            let (persona, card) = try other(isOtherKind)
            arm(agent, card, isSeen: isSeen, at: position)
            agent.readers.insert(try Personas.shared().doctor.card(), in: TestAgent.reader)
            _ = await eventually {
                switch await agent.board.views.first?.reading {
                case .done, .failed, .contactless: !isSeen || agent.readers.snapshot.readers.first?.presence.insertion?.eventCount == 3
                case .underway, .none: false
                }
            }
            agent.readers.setHook(nil)
            try await works(agent, persona, card, isOtherKind: isOtherKind)
        }
    }
}
