import APIContract
import Commands
import Glibc
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct LockTests {
    private static func session(_ state: String) -> JSON {
        guard case .object(var members) = Sample.session else { return .null }
        members["state"] = .string(state)
        return .object(members)
    }

    /// An agent with one session in this state, whose card takes 1234.
    private static func agent(
        _ state: String = "locked", tries: Int64 = 3, refusal: ErrorCode = .pinWrong
    ) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        { request in
            switch request.line {
            case "GET /v1/sessions": .json(["sessions": [session(state)]])
            case "GET /v1/sessions/S1": .json(session(state))
            case "POST /v1/sessions/S1/lock": .json(session("locked"))
            case "GET /v1/readers/Virtual%20PCD%2000%2000/card": .json(Sample.card("ready", tries: .int(tries)))
            case "PUT /v1/sessions/S1/unlock" where tries == 1:
                .problem(.lastTryConsentRequired, ["tries_left": 1, "last_try_consent": "U1.C1"])
            case "PUT /v1/sessions/S1/unlock", "PUT /v1/sessions/S1/unlock?accept_last_try=U1.C1":
                request.text == "1234" ? .json(session("active")) : .problem(refusal, ["tries_left": 2])
            default: .problem(.notFound)
            }
        }
    }

    @Test(arguments: ["session lock S1 --json", "session lock --json"])
    func lockingAnswersTheSession(_ arguments: String) throws {
        let run = try Run(arguments, RecordingConsole(), Self.agent("active"))
        #expect(run.exit == 0)
        #expect(run.console.document?["state"] == "locked")
        #expect(run.agent.lines.last == "POST /v1/sessions/S1/lock")
    }

    @Test func unlockingSendsOneLineOfStandardInput() throws {
        let run = try Run("session unlock S1 --json --pin-stdin", RecordingConsole(input: ["1234", "more"]), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.document?["state"] == "active")
        #expect(run.agent.lines == ["GET /v1/sessions/S1", "PUT /v1/sessions/S1/unlock"])
        #expect(run.agent.requests.last?.text == "1234")
    }

    @Test func personSeesTheTriesLeftBeforeThePIN() throws {
        let run = try Run("session unlock --lang fr", RecordingConsole(replies: [.line("0000"), .line("1234")]), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.errors.hasPrefix("LIBRE MAX (Médecin), lecteur Virtual PCD 00 00, essais restants : 3\n"))
        #expect(run.console.prompts == ["Code porteur : ", "Code porteur : "])
        #expect(run.console.echoes == [false, false])
    }

    @Test func wrongPINOfAScriptIsNotTriedAgain() throws {
        let run = try Run("session unlock S1 --json --pin-stdin", RecordingConsole(input: ["0000", "1234"]), Self.agent())
        #expect(run.exit == 5)
        #expect(run.console.document?["code"] == "pin_wrong")
        #expect(run.agent.lines.count == 2)
    }

    @Test func lastTryIsSpentByConsentOnly() throws {
        let refused = try Run("session unlock S1 --json --pin-stdin", RecordingConsole(input: ["1234"]), Self.agent(tries: 1))
        #expect(refused.exit == 5)
        #expect(refused.console.document?["last_try_consent"] == "U1.C1")
        let run = try Run(
            "session unlock S1 --json --pin-stdin --accept-last-try U1.C1", RecordingConsole(input: ["1234"]), Self.agent(tries: 1))
        #expect(run.exit == 0)
        let person = try Run(
            "session unlock S1", RecordingConsole(replies: [.line("1234"), .line("YES"), .line("1234")]), Self.agent(tries: 1))
        #expect(person.exit == 0)
        #expect(person.console.echoes == [false, true, false])
    }

    @Test(arguments: [("active", "session_not_locked"), ("ended", "session_ended")])
    func sessionThatIsNotLockedAsksForNoPIN(state: String, code: String) throws {
        let run = try Run("session unlock S1 --json", RecordingConsole(replies: [.line("1234")]), Self.agent(state))
        #expect(run.exit == 1)
        #expect(run.console.document?["code"]?.string == code)
        #expect(run.console.prompts.isEmpty)
    }

    @Test func givingUpSendsNothingAndEndsNoSession() throws {
        let run = try Run("session unlock S1", RecordingConsole(replies: [.interrupted(SIGINT)]), Self.agent())
        #expect(run.exit == 1)
        #expect(run.console.stops == [SIGINT])
        #expect(run.console.errors.contains("Unlocking given up"))
        #expect(run.agent.lines.allSatisfy { $0.hasPrefix("GET ") })
    }
}
