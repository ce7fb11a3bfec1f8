import APIContract
import Commands
import Glibc
import Primitives
import ScriptedAgent
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct LoginTests {
    /// An agent with a card of `tries` tries whose PIN is 1234.
    private static func agent(tries: Int64 = 3) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        let left = Mutex(tries)
        return { request in
            left.withLock { left in
                switch request.line {
                case "POST /v1/logins": return .json(Sample.login(tries: left, consent: left == 1 ? "L1.C\(left)" : nil), status: 201)
                case "DELETE /v1/logins/L1": return .nothing
                case "GET /v1/logins/L1": return .json(Sample.login(tries: left, consent: left == 1 ? "L1.C1" : nil))
                case "PUT /v1/logins/L1/pin" where left == 1:
                    return .problem(.lastTryConsentRequired, ["tries_left": 1, "last_try_consent": "L1.C1"])
                case "PUT /v1/logins/L1/pin", "PUT /v1/logins/L1/pin?accept_last_try=L1.C1":
                    if request.text == "1234" { return .json(Sample.opened) }
                    if request.text.count < 4 { return .problem(.pinFormat) }
                    left -= 1
                    if left == 0 { return .problem(.pinBlocked, ["tries_left": 0]) }
                    return .problem(
                        .pinWrong, ["tries_left": .int(left)].merging(left == 1 ? ["last_try_consent": "L1.C1"] : [:]) { old, _ in old })
                default: return .problem(.notFound)
                }
            }
        }
    }

    @Test func answerIsSessionAndToken() throws {
        let arguments = "login --json --pin-stdin --reader r1 --audience https://records.example --scope record:read --scope record:write"
        let run = try Run(arguments, RecordingConsole(input: ["1234", "left for others"]), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.document == Sample.opened)
        #expect(run.console.errors.isEmpty)
        #expect(run.agent.lines == ["POST /v1/logins", "PUT /v1/logins/L1/pin"])
        let asked: JSON = ["reader": "r1", "audience": "https://records.example", "scopes": ["record:read", "record:write"]]
        #expect(run.agent.requests.first?.json == asked)
    }

    @Test func profileIsPartOfTheRequest() throws {
        let run = try Run("login --json --pin-stdin --profile 1", RecordingConsole(input: ["1234"]), Self.agent())
        #expect(run.agent.requests.first?.json == ["profile": "1"])
    }

    @Test func personSeesWhoseCardItIsBeforeThePIN() throws {
        let run = try Run("login --lang fr", RecordingConsole(replies: [.line("1234")]), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.errors == "LIBRE MAX (Médecin) – carte de TEST, lecteur Virtual PCD 00 00, essais restants : 3\n")
        #expect(run.console.prompts == ["Code porteur : "])
        #expect(run.console.echoes == [false])
        #expect(run.console.output.contains("e.y.J"))
    }

    @Test(arguments: [("fr", "se termine le 2026-12-01"), ("en", "ends on 2026-12-01")])
    func personHearsThatTheCertificateEndsSoon(language: String, words: String) throws {
        let run = try Run("login --lang \(language)", RecordingConsole(replies: [.line("1234")])) { request in
            guard request.line == "POST /v1/logins", case .object(let members) = Sample.login(tries: 3, consent: nil) else {
                return .json(Sample.opened)
            }
            let end: [String: JSON] = ["certificate_ends_soon": "2026-12-01T00:00:00.000Z"]
            return .json(.object(members.merging(end) { _, new in new }), status: 201)
        }
        #expect(run.exit == 0)
        #expect(run.console.errors.contains(words))
    }

    @Test func wrongPINOfAScriptIsNotTriedAgainAndEndsTheLogin() throws {
        let run = try Run("login --json --pin-stdin", RecordingConsole(input: ["9999", "1234"]), Self.agent())
        #expect(run.exit == 5)
        #expect(run.console.document?["code"] == "pin_wrong")
        #expect(run.console.document?["tries_left"] == 2)
        #expect(run.agent.lines == ["POST /v1/logins", "PUT /v1/logins/L1/pin", "DELETE /v1/logins/L1"])
    }

    @Test func personMayGiveAnotherPIN() throws {
        let run = try Run("login", RecordingConsole(replies: [.line("12"), .line("9999"), .line("1234")]), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.errors.contains("pin_format"))
        #expect(run.console.errors.contains("\n  tries left: 2\n"))
        #expect(run.agent.requests.map(\.text).dropFirst() == ["12", "9999", "1234"])
    }

    @Test func personConsentsToTheLastTryByAWord() throws {
        let replies: [RecordingConsole.Prepared] = [.line("yes"), .line("1234")]
        let run = try Run("login", RecordingConsole(replies: replies), Self.agent(tries: 1))
        #expect(run.exit == 0)
        #expect(run.console.echoes == [true, false])
        #expect(run.agent.lines.last == "PUT /v1/logins/L1/pin?accept_last_try=L1.C1")
    }

    @Test(arguments: ["", "no", "oui", "y"])
    func withoutConsentTheLastTryIsNotSpent(_ word: String) throws {
        let run = try Run("login", RecordingConsole(replies: [.line(word), .line("1234")]), Self.agent(tries: 1))
        #expect(run.exit == 1)
        #expect(run.agent.lines == ["POST /v1/logins", "DELETE /v1/logins/L1"])
    }

    @Test func consentIsAskedWhenAWrongPINLeavesOneTry() throws {
        let replies: [RecordingConsole.Prepared] = [.line("9999"), .line("YES"), .line("9999")]
        let run = try Run("login", RecordingConsole(replies: replies), Self.agent(tries: 2))
        #expect(run.exit == 5)
        #expect(run.console.errors.contains("pin_blocked"))
        #expect(run.agent.lines.contains("PUT /v1/logins/L1/pin?accept_last_try=L1.C1"))
    }

    @Test func scriptIsGivenTheConsentAndTheLoginWaitsForIt() throws {
        let run = try Run("login --json --pin-stdin", RecordingConsole(input: ["1234"]), Self.agent(tries: 1))
        #expect(run.exit == 5)
        #expect(run.console.document?["code"] == "last_try_consent_required")
        #expect(run.console.document?["last_try_consent"] == "L1.C1")
        #expect(run.agent.lines == ["POST /v1/logins", "PUT /v1/logins/L1/pin"])
    }

    @Test func consentGoesOnWithTheLoginItBelongsTo() throws {
        let run = try Run("login --json --pin-stdin --accept-last-try L1.C1", RecordingConsole(input: ["1234"]), Self.agent(tries: 1))
        #expect(run.exit == 0)
        #expect(run.agent.lines == ["GET /v1/logins/L1", "PUT /v1/logins/L1/pin?accept_last_try=L1.C1"])
    }

    @Test func consentOfAnotherLoginIsOnlyShownToANewOne() throws {
        let script = Self.agent(tries: 1)
        let run = try Run("login --json --pin-stdin --accept-last-try L0.old", RecordingConsole(input: ["1234"])) { request in
            request.line.hasSuffix("accept_last_try=L0.old")
                ? .problem(.lastTryConsentRequired, ["last_try_consent": "L1.C1"]) : script(request)
        }
        #expect(run.exit == 5)
        #expect(run.agent.lines == ["GET /v1/logins/L0", "POST /v1/logins", "PUT /v1/logins/L1/pin?accept_last_try=L0.old"])
    }

    @Test func givingUpCancelsTheLogin() throws {
        let run = try Run("login", RecordingConsole(replies: [.end]), Self.agent())
        #expect(run.exit == 1)
        #expect(run.console.errors.contains("Login given up"))
        #expect(run.console.stops.isEmpty)
        #expect(run.agent.lines == ["POST /v1/logins", "DELETE /v1/logins/L1"])
    }

    @Test func givingUpAfterAWrongPINExitsAsTheWrongPIN() throws {
        let run = try Run("login", RecordingConsole(replies: [.line("9999"), .end]), Self.agent())
        #expect(run.exit == 5)
        #expect(run.agent.lines.last == "DELETE /v1/logins/L1")
    }

    @Test func signalCancelsTheLoginBeforeTheProgramEnds() throws {
        let run = try Run("login", RecordingConsole(replies: [.interrupted(SIGINT)]), Self.agent())
        #expect(run.console.stops == [SIGINT])
        #expect(run.agent.lines == ["POST /v1/logins", "DELETE /v1/logins/L1"])
    }

    @Test func withoutTerminalOrInputNothingIsTried() throws {
        for (arguments, reason) in [("login", "--pin-stdin"), ("login --pin-stdin", "no PIN")] {
            let run = try Run(arguments, RecordingConsole(), Self.agent())
            #expect(run.exit == 2)
            #expect(run.console.errors.contains(reason))
            #expect(run.agent.lines == ["POST /v1/logins", "DELETE /v1/logins/L1"])
        }
    }

    @Test func endlessPINIsRefusedHere() throws {
        let run = try Run("login --json --pin-stdin", RecordingConsole(input: [String(repeating: "1", count: 1025)]), Self.agent())
        #expect(run.exit == 2)
        #expect(!run.agent.lines.contains("PUT /v1/logins/L1/pin"))
    }

    @Test func loginThatCannotBeginAsksForNoPIN() throws {
        let console = RecordingConsole(replies: [.line("1234")])
        let run = try Run("login", console) { _ in .problem(.certificateExpired) }
        #expect(run.exit == 6)
        #expect(console.prompts.isEmpty)
    }

    @Test func cardThatLeavesEndsTheDialogue() throws {
        let script = Self.agent()
        let run = try Run("login", RecordingConsole(replies: [.line("1234"), .line("1234")])) { request in
            request.line == "PUT /v1/logins/L1/pin" ? .problem(.cardRemoved) : script(request)
        }
        #expect(run.exit == 4)
        #expect(run.console.prompts.count == 1)
    }
}
