import Audit
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

/// Every position of an insertion and of a login, every fault: a clear end, no session, no second try, and the next login works.
@Suite(.timeLimit(.minutes(5)))
struct FaultMatrixTests {
    enum Wrong: CaseIterable, Sendable {
        /// Out before the command; noticed at once, or when the monitor looks the next time.
        case pulled, pulledUnseen
        /// The card is there and gives no answer.
        case mute
        /// No answer within the time for one command.
        case slow
        /// The card did what it was told, and its answer is lost.
        case answerLost
        case status, noise, short, endless

        var answer: [UInt8]? {
            switch self {
            case .pulled, .pulledUnseen, .mute, .slow: nil
            case .answerLost: []
            case .status: [0x6F, 0x00]
            case .noise: [0xDE, 0xAD, 0xBE, 0xEF, 0x90, 0x00]
            case .short: [0x90]
            case .endless: [UInt8](repeating: 0x61, count: 258)
            }
        }

        /// What may be said of it.
        var codes: Set<ErrorCode> {
            switch self {
            case .pulled, .pulledUnseen: [.cardRemoved, .cardAbsent]
            case .mute, .answerLost: [.cardMute]
            case .slow: [.cardTimeout]
            case .status: [.cardFailed, .cardForeign, .cardDamaged, .cardUpdateInterrupted, .pinTriesChanged, .certificateMalformed]
            case .short: [.cardAnswerMalformed]
            case .noise, .endless:
                [
                    .cardAnswerEndless, .cardAnswerMalformed, .cardFailed, .cardForeign, .cardDamaged, .cardChanged, .cardUpdateInterrupted,
                    .pinTriesChanged, .proofInvalid,
                    .certificateMalformed, .certificateUntrusted, .pinFormat, .pinStateLost, .pinBlocked,
                ]
            }
        }
    }

    static let cases = [CardGeneration.cps3, .cps4].flatMap { generation in Wrong.allCases.map { (generation, $0) } }

    private func card(_ generation: CardGeneration) throws -> VirtualCard {
        let personas = try Personas.shared()
        return try (generation == .cps4 ? personas.surgeon : personas.doctor).card()
    }

    /// Something goes wrong once, at this command from now.
    private func arm(_ agent: TestAgent, _ wrong: Wrong, at position: Int) {
        let (countdown, readers) = (Countdown(position), agent.readers)
        if let answer = wrong.answer {
            readers.setForger { countdown.tick() ? answer : $0 }
            return
        }
        readers.setHook { _ in
            guard countdown.tick() else { return nil }
            switch wrong {
            case .pulled, .pulledUnseen:
                readers.eject(TestAgent.reader, isSeen: wrong == .pulled)
                return .cardRemoved
            case .slow: return .deadlineExceeded
            default: return .cardMute
            }
        }
    }

    private func disarm(_ agent: TestAgent) {
        agent.readers.setHook(nil)
        agent.readers.setForger(nil)
    }

    /// Puts the card in anew and logs in, with one VERIFY.
    private func works(_ agent: TestAgent, _ card: VirtualCard) async throws {
        if let insertion = agent.readers.snapshot.readers.first?.presence.insertion {
            await agent.eject(insertion)
        } else {
            agent.readers.tell()
        }
        await agent.insert(card)
        let before = agent.readers.verifies
        try await agent.logIn()
        #expect(agent.readers.verifies - before == 1)
        #expect(card.description.pin.triesLeft == 3)
    }

    @Test(arguments: cases)
    func atEachCommandOfALogin(generation: CardGeneration, wrong: Wrong) async throws {
        let agent = try await TestAgent()
        let card = try card(generation)
        await agent.insert(card)
        _ = agent.readers.takeCommandCount()
        let login = try await agent.begin()
        try await agent.enter(login: login)
        let count = agent.readers.takeCommandCount()
        try #require(count > 4)
        for position in 0..<count {
            try await works(agent, card)
            for session in await agent.registry.sessions(for: .user) { await agent.registry.end([session.id], .logout, by: .user) }
            _ = try await agent.board.freshView(of: TestAgent.reader)
            let verifies = agent.readers.verifies
            let login = try await agent.begin()
            arm(agent, wrong, at: position)
            let refusal = try await agent.refusal { try await agent.enter(login: login) }
            disarm(agent)
            #expect(agent.readers.verifies - verifies <= 1)
            guard let refusal else {
                // A wrong word in an answer that nobody looks at, since the next command tells as well.
                #expect([.status, .noise, .endless].contains(wrong), "\(wrong) at \(position) was not noticed")
                #expect(position < count - 1, "\(wrong) in place of a signature")
                continue
            }
            #expect(wrong.codes.contains(refusal.code), "\(wrong) at \(position): \(refusal.code)")
            #expect(await agent.registry.sessions(for: .user).isEmpty)
            let traces = agent.ledger.traces
            #expect(
                traces.last { $0.event == .loginFailed || $0.event == .pinRefused || $0.event == .pinBlocked }?.code
                    == refusal.code.rawValue)
        }
        try await works(agent, card)
    }

    @Test(arguments: cases)
    func atEachCommandOfAnInsertion(generation: CardGeneration, wrong: Wrong) async throws {
        for isKnown in [false, true] {
            let first = try await TestAgent()
            let card = try card(generation)
            var insertion = await first.insert(card)
            if isKnown {
                await first.eject(insertion)
                _ = first.readers.takeCommandCount()
                insertion = await first.insert(card)
            }
            let count = first.readers.takeCommandCount()
            try #require(count > (isKnown ? 2 : 10))
            for position in 0..<count {
                let agent = isKnown ? first : try await TestAgent()
                if isKnown { try await works(agent, card) }
                if let insertion = agent.readers.snapshot.readers.first?.presence.insertion { await agent.eject(insertion) }
                let verifies = agent.readers.verifies
                arm(agent, wrong, at: position)
                agent.readers.insert(card, in: TestAgent.reader)
                let isOver = await eventually {
                    let view = await agent.board.views.first
                    return switch view?.reading {
                    case .done, .failed, .contactless: true
                    case .underway, .none: view?.cardState == .absent && agent.readers.snapshot.readers.first?.presence == .absent
                    }
                }
                #expect(isOver)
                disarm(agent)
                if let refusal = try await agent.refusal({ try await agent.begin() }) {
                    #expect(wrong.codes.contains(refusal.code), "\(wrong) at \(position): \(refusal.code)")
                }
                #expect(agent.readers.verifies == verifies)
                #expect(await agent.registry.sessions(for: .user).isEmpty)
                try await works(agent, card)
            }
        }
    }
}
