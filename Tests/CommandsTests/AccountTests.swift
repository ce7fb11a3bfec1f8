import APIContract
import Primitives
import ScriptedAgent
import Testing

/// Accounts and passwords on the command line.
@Suite(.timeLimit(.minutes(5)))
struct AccountTests {
    private static let maker: JSON = ["national_id": "899700245667", "name": "ANNE REF", "session": "S1"]

    private static func account(_ id: String, pending: Bool = false, initial: String? = nil) -> JSON {
        let way: JSON = [
            "origin": "referent", "made_by": maker, "confirmed_by": .null, "solo": false, "made_at": "2026-06-01T12:00:00.000Z",
            "set_at": "2026-06-01T12:00:00.000Z", "initial": true, "initial_until": "2026-06-04T12:00:00.000Z",
        ]
        return .members([
            "id": .string(id), "national_id": "899900063480", "family_name": "LIBRE", "given_name": "MAX", "profession": .null,
            "state": pending ? "awaiting_confirmation" : "enabled", "way_in": pending ? .null : way, "pending": pending ? way : .null,
            "initial_password": initial.map(JSON.string),
        ])
    }

    private static let agent: @Sendable (SeenRequest) -> ScriptedAgent.Step = { request in
        switch request.line {
        case "GET /v1/sessions": .json(["sessions": [["id": "S1"]]])
        case "POST /v1/accounts", "POST /v1/accounts/A1/resets": .json(account("A1", pending: true, initial: "bidofe kurilo"), status: 201)
        case "GET /v1/accounts": .json(["accounts": [account("A1"), account("A2")], "next": "A2"])
        case "GET /v1/accounts?after=A2": .json(["accounts": [account("A3")], "next": .null])
        case "GET /v1/accounts/A1", "POST /v1/accounts/A1/confirmations", "POST /v1/accounts/A1/unlocks", "PUT /v1/accounts/A1/disabled",
            "PUT /v1/accounts/A1/enabled":
            .json(account("A1"))
        case "POST /v1/degraded/unlocks": .nothing
        case "POST /v1/degraded/enrolments", "POST /v1/degraded/password-changes": .json(["id": "E1", "awaits": []], status: 201)
        case "PUT /v1/degraded/enrolments/E1/password", "PUT /v1/degraded/password-changes/E1/new-password":
            request.text == "weak" ? .problem(.passwordWeak, ["reason": "too_simple"]) : .json(account("A1"))
        case "PUT /v1/degraded/password-changes/E1/current-password":
            request.text == "wrong" ? .problem(.credentialsRefused) : .json(["id": "E1", "awaits": ["new_password"]])
        case "DELETE /v1/degraded/enrolments/E1", "DELETE /v1/degraded/password-changes/E1": .nothing
        default: .problem(.notFound)
        }
    }

    @Test func anInitialPasswordIsPrintedOnceWithWhatIsToBeDone() throws {
        for arguments in ["account add 99900063480 --family-name LIBRE --given-name MAX --profession 10", "account reset A1"] {
            let run = try Run(arguments, RecordingConsole(), Self.agent)
            #expect(run.exit == 0)
            #expect(run.console.output.contains("\n    bidofe kurilo\n"))
            #expect(run.console.output.contains("cpsctl account confirm A1"))
        }
        let json = try Run("--json account add local:x --family-name A --given-name B --session S9", RecordingConsole(), Self.agent)
        #expect(json.console.document?["initial_password"] == "bidofe kurilo")
        #expect(json.agent.requests.last?.text.contains("\"session\":\"S9\"") == true)
    }

    @Test func everyPageIsListed() throws {
        let run = try Run("--json account list", RecordingConsole(), Self.agent)
        #expect(run.console.document?["accounts"]?.array?.compactMap { $0["id"]?.string } == ["A1", "A2", "A3"])
        #expect(try Run("account list", RecordingConsole(), Self.agent).console.output.split(separator: "\n").count == 3)
    }

    @Test(arguments: [
        ("show A1", "GET /v1/accounts/A1"), ("confirm A1", "POST /v1/accounts/A1/confirmations"),
        ("unlock A1", "POST /v1/accounts/A1/unlocks"),
        ("disable A1", "PUT /v1/accounts/A1/disabled"), ("enable A1", "PUT /v1/accounts/A1/enabled"),
        ("unlock --uid 1000", "POST /v1/degraded/unlocks"),
    ])
    func verbsSpeakToTheirRoutes(arguments: String, route: String) throws {
        for language in ["fr", "en"] {
            let run = try Run("account \(arguments) --lang \(language)", RecordingConsole(), Self.agent)
            #expect(run.exit == 0)
            #expect(run.agent.lines.last == route)
            #expect(!run.console.output.isEmpty)
        }
    }

    @Test(arguments: ["account unlock", "account unlock A1 --uid 1000", "account add x", "account", "degraded", "degraded password"])
    func usageIsChecked(arguments: String) throws {
        #expect(try Run(arguments, RecordingConsole(), Self.agent).exit == 2)
    }

    @Test func aPasswordIsTypedTwiceAndAgainWhenItIsTooWeak() throws {
        let replies = ["weak", "weak", "good", "goof", "good", "good"].map { RecordingConsole.Prepared.line($0) }
        let run = try Run("degraded enrol", RecordingConsole(replies: replies), Self.agent)
        #expect(run.exit == 0)
        #expect(run.console.errors.contains("password_weak") && run.console.errors.contains("The two differ."))
        #expect(run.agent.requests.map(\.text).suffix(2) == ["weak", "good"])
        #expect(run.console.output == "Password set\n")
    }

    @Test func linesOfStandardInputAreSentInTheirOrder() throws {
        let run = try Run("degraded password 99900063480 --password-stdin", RecordingConsole(input: ["old", "new", "more"]), Self.agent)
        #expect(run.exit == 0)
        #expect(
            run.agent.lines == [
                "POST /v1/degraded/password-changes", "PUT /v1/degraded/password-changes/E1/current-password",
                "PUT /v1/degraded/password-changes/E1/new-password",
            ])
        #expect(run.agent.requests.map(\.text).suffix(2) == ["old", "new"])
    }

    @Test func whatWasRefusedOnStandardInputIsGivenUp() throws {
        let run = try Run("degraded enrol --password-stdin", RecordingConsole(input: ["weak"]), Self.agent)
        #expect(run.exit == 1)
        #expect(run.agent.lines.last == "DELETE /v1/degraded/enrolments/E1")
        let empty = try Run("degraded enrol --password-stdin", RecordingConsole(), Self.agent)
        #expect(empty.exit == 2)
        #expect(empty.console.errors.contains("standard input holds no password"))
    }
}
