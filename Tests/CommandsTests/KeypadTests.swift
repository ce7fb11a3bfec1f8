import APIContract
import Commands
import Primitives
import ScriptedAgent
import Synchronization
import Testing

/// Logins where the reader has a keypad.
@Suite(.timeLimit(.minutes(5)))
struct KeypadTests {
    /// An agent whose entries on the reader come to these, one after the other, and then to a session.
    private static func agent(
        _ refusals: [ErrorCode] = [], tries: Int64 = 3
    ) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        let rest = Mutex(refusals[...])
        return { request in
            switch request.line.split(separator: "?")[0] {
            case "POST /v1/logins":
                return .json(Sample.login(tries: tries, consent: tries == 1 ? "L1.C1" : nil, keypad: true), status: 201)
            case "DELETE /v1/logins/L1": return .nothing
            case "POST /v1/logins/L1/keypad":
                if let refusal = rest.withLock({ $0.popFirst() }) { return .problem(refusal, ["tries_left": 2]) }
                return .json(Sample.opened)
            case "PUT /v1/logins/L1/pin": return .json(Sample.opened)
            default: return .problem(.notFound)
            }
        }
    }

    @Test(arguments: [("fr", "Saisir le code porteur sur le lecteur.\n"), ("en", "Enter the PIN on the reader.\n")])
    func personIsSentToTheReader(language: String, sentence: String) throws {
        let run = try Run("login --lang \(language)", RecordingConsole(replies: [.line("1234")]), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.prompts.isEmpty && run.console.errors.hasSuffix(sentence))
        #expect(run.agent.lines == ["POST /v1/logins", "POST /v1/logins/L1/keypad"])
        #expect(run.agent.requests.allSatisfy { !$0.text.contains("1234") })
    }

    @Test func scriptWithAPINDoesNotUseTheKeypad() throws {
        let run = try Run("login --json --pin-stdin", RecordingConsole(input: ["1234"]), Self.agent())
        #expect(run.agent.lines == ["POST /v1/logins", "PUT /v1/logins/L1/pin"])
    }

    @Test func keypadThatCannotBeUsedGivesWayToTheTerminal() throws {
        let run = try Run("login", RecordingConsole(replies: [.line("1234")]), Self.agent([.keypadUnavailable]))
        #expect(run.exit == 0 && run.console.prompts.count == 1)
        #expect(run.agent.lines == ["POST /v1/logins", "POST /v1/logins/L1/keypad", "PUT /v1/logins/L1/pin"])
    }

    @Test func wrongPINMayBeEnteredAgain() throws {
        let run = try Run("login", RecordingConsole(replies: []), Self.agent([.pinWrong]))
        #expect(run.exit == 0 && run.console.errors.contains("\n  tries left: 2\n"))
        #expect(run.agent.lines.filter { $0.hasSuffix("keypad") }.count == 2)
    }

    @Test(arguments: [ErrorCode.keypadCancelled, .keypadTimeout])
    func personWhoGivesUpOnTheReaderIsNotAskedAgain(code: ErrorCode) throws {
        let run = try Run("login", RecordingConsole(replies: [.line("1234")]), Self.agent([code]))
        #expect(run.exit == 5 && run.console.errors.contains(code.rawValue))
        #expect(run.agent.lines == ["POST /v1/logins", "POST /v1/logins/L1/keypad", "DELETE /v1/logins/L1"])
    }

    @Test func lastTryIsAgreedToBeforeTheReaderAsks() throws {
        let run = try Run("login", RecordingConsole(replies: [.line("yes")]), Self.agent(tries: 1))
        #expect(run.exit == 0 && run.console.echoes == [true])
        #expect(run.agent.lines.last == "POST /v1/logins/L1/keypad?accept_last_try=L1.C1")
        let refused = try Run("login", RecordingConsole(replies: [.line("no")]), Self.agent(tries: 1))
        #expect(refused.exit == 1 && refused.agent.lines == ["POST /v1/logins", "DELETE /v1/logins/L1"])
    }
}
