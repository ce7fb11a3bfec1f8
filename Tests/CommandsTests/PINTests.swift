import APIContract
import Commands
import Glibc
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PINTests {
    private static func operation(_ state: String = "awaiting_pin", consent: String? = nil) -> JSON {
        .members([
            "id": "P1", "state": .string(state), "reader": "Virtual PCD 00 00", "holder": Sample.holder,
            "pin": ["tries_left": 3], "puk": ["tries_left": 9, "uses_left": 100], "last_try_consent": consent.map(JSON.string),
        ])
    }

    /// An agent with a card whose PIN is 1234 and whose PUK is 12345678.
    private static func agent(consent: String? = nil) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        { request in
            switch request.line {
            case "POST /v1/pin-changes", "POST /v1/pin-unblocks": .json(operation(consent: consent), status: 201)
            case "GET /v1/pin-changes/P1": .json(operation(consent: consent))
            case "PUT /v1/pin-changes/P1/new", "PUT /v1/pin-unblocks/P1/new":
                request.text.count == 4 ? .json(operation()) : .problem(.pinNewFormat)
            case "PUT /v1/pin-changes/P1/current" where consent != nil:
                .problem(.lastTryConsentRequired, ["last_try_consent": "P1.C1"])
            case "PUT /v1/pin-changes/P1/current", "PUT /v1/pin-changes/P1/current?accept_last_try=P1.C1":
                request.text == "1234" ? .json(operation("done")) : .problem(.pinWrong, ["tries_left": 2])
            case "PUT /v1/pin-unblocks/P1/puk":
                request.text == "12345678" ? .json(operation("done")) : .problem(.pukWrong, ["tries_left": 8])
            case "DELETE /v1/pin-changes/P1", "DELETE /v1/pin-unblocks/P1": .nothing
            case "GET /v1/readers": .json(["readers": [Sample.reader("ready")]])
            case "GET /v1/readers/r1/codes":
                .json(["reader": "Reader r1", "pin": ["tries_left": 3], "puk": ["tries_left": 9, "uses_left": "unknown"]])
            default: .problem(.notFound)
            }
        }
    }

    @Test func statusShowsBothCodes() throws {
        let run = try Run("pin status --lang fr", RecordingConsole(), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.output.contains("Essais restants du code de déblocage"))
        #expect(try Run("pin status --json --reader r1", RecordingConsole(), Self.agent()).console.document?["puk"]?["tries_left"] == 9)
    }

    @Test(arguments: [("change", "changes", "current", "1234"), ("unblock", "unblocks", "puk", "12345678")])
    func linesOfStandardInputAreSentTheCountedCodeLast(verb: String, route: String, code: String, digits: String) throws {
        let run = try Run("pin \(verb) --json --pin-stdin", RecordingConsole(input: [digits, "4711", "more"]), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.document?["state"] == "done")
        #expect(run.agent.lines == ["POST /v1/pin-\(route)", "PUT /v1/pin-\(route)/P1/new", "PUT /v1/pin-\(route)/P1/\(code)"])
        #expect(run.agent.requests.map(\.text).suffix(2) == ["4711", digits])
    }

    @Test func personTypesTheNewPINTwiceAndAgainWhenTheTwoDiffer() throws {
        let replies = ["1234", "4711", "4712", "4711", "4711"].map { RecordingConsole.Prepared.line($0) }
        let run = try Run("pin change", RecordingConsole(replies: replies), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.errors.contains("The two differ."))
        #expect(run.console.output == "PIN changed\n")
        #expect(run.console.echoes.allSatisfy { !$0 })
        #expect(run.agent.requests.map(\.text).suffix(2) == ["4711", "1234"])
    }

    @Test func wrongOldPINAloneIsAskedAgain() throws {
        let replies = ["0000", "4711", "4711", "1234"].map { RecordingConsole.Prepared.line($0) }
        let run = try Run("pin change --lang fr", RecordingConsole(replies: replies), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.prompts.last == "Code porteur actuel : ")
        #expect(run.agent.lines.filter { $0.hasSuffix("/new") }.count == 1)
    }

    @Test func wrongPUKOfAScriptEndsTheOperation() throws {
        let run = try Run("pin unblock --json --pin-stdin", RecordingConsole(input: ["00000000", "4711"]), Self.agent())
        #expect(run.exit == 5)
        #expect(run.console.document?["code"] == "puk_wrong")
        #expect(run.agent.lines.last == "DELETE /v1/pin-unblocks/P1")
    }

    @Test func scriptGivesItsConsentToTheOperationThatAskedForIt() throws {
        let first = try Run("pin change --json --pin-stdin", RecordingConsole(input: ["1234", "4711"]), Self.agent(consent: "P1.C1"))
        #expect(first.exit == 5)
        #expect(first.console.document?["last_try_consent"] == "P1.C1")
        #expect(first.agent.lines.last == "PUT /v1/pin-changes/P1/current")
        let second = try Run(
            "pin change --json --pin-stdin --accept-last-try P1.C1", RecordingConsole(input: ["1234", "4711"]), Self.agent(consent: "P1.C1")
        )
        #expect(second.exit == 0)
        #expect(second.agent.lines.first == "GET /v1/pin-changes/P1")
    }

    @Test func missingLineOrGivingUpCancels() throws {
        let short = try Run("pin change --json --pin-stdin", RecordingConsole(input: ["1234"]), Self.agent())
        #expect(short.exit == 2)
        let gone = try Run("pin change", RecordingConsole(replies: [.line("1234"), .interrupted(SIGINT)]), Self.agent())
        #expect(gone.console.stops == [SIGINT])
        for run in [short, gone] { #expect(run.agent.lines == ["POST /v1/pin-changes", "DELETE /v1/pin-changes/P1"]) }
    }
}
