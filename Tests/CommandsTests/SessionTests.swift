import APIContract
import Commands
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SessionTests {
    private static func agent(_ ids: [String]) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        { request in
            switch request.line {
            case "GET /v1/sessions": .json(["sessions": .array(ids.map { ["id": .string($0), "holder": Sample.holder] })])
            case "DELETE /v1/sessions/S1": .nothing
            case "GET /v1/sessions/S1": .json(Sample.session)
            case "POST /v1/sessions/S1/tokens": .json(["access_token": "e.y.J", "expires_in": 60], status: 201)
            default: .problem(.sessionNotFound)
            }
        }
    }

    @Test func logoutEndsTheOnlySession() throws {
        let run = try Run("logout --json", RecordingConsole(), Self.agent(["S1"]))
        #expect(run.exit == 0)
        #expect(run.console.document == Sample.session)
        #expect(run.agent.lines == ["GET /v1/sessions", "DELETE /v1/sessions/S1", "GET /v1/sessions/S1"])
    }

    @Test(arguments: ["logout S1", "session end S1"])
    func namedSessionIsEndedWithoutLooking(_ arguments: String) throws {
        let run = try Run(arguments, RecordingConsole(), Self.agent(["S1", "S2"]))
        #expect(run.exit == 0)
        #expect(run.agent.lines.first == "DELETE /v1/sessions/S1")
    }

    @Test func severalSessionsAreNotEndedByGuess() throws {
        let run = try Run("logout --json", RecordingConsole(), Self.agent(["S1", "S2"]))
        #expect(run.exit == 2)
        #expect(run.console.document?["sessions"] == ["S1", "S2"])
        #expect(run.agent.lines == ["GET /v1/sessions"])
    }

    @Test func withoutSessionLogoutIsRefused() throws {
        let run = try Run("logout --json", RecordingConsole(), Self.agent([]))
        #expect(run.exit == 1)
        #expect(run.console.document?["code"] == "session_not_found")
    }

    @Test func sessionIsShownToPeople() throws {
        let run = try Run("session show S1", RecordingConsole(), Self.agent([]))
        #expect(run.console.output.hasPrefix("Session  S1\nState    active\nHolder   LIBRE MAX (Médecin)\n"))
    }

    @Test func idIsEncodedInThePath() throws {
        let run = try Run("session show ../status", RecordingConsole(), Self.agent([]))
        #expect(run.exit == 1)
        #expect(run.agent.lines == ["GET /v1/sessions/..%2Fstatus"])
    }

    @Test func tokenIsAskedWithItsScopesAndLife() throws {
        let run = try Run("token --json --session S1 --audience a --scope x --ttl 5m", RecordingConsole(), Self.agent([]))
        #expect(run.exit == 0)
        #expect(run.console.document == ["access_token": "e.y.J", "expires_in": 60])
        #expect(run.agent.requests.first?.json == ["audience": "a", "scopes": ["x"], "ttl": 300])
    }

    @Test func tokenAloneIsPrintedForPeople() throws {
        let run = try Run("token --audience a", RecordingConsole(), Self.agent(["S1"]))
        #expect(run.console.output == "e.y.J\n")
        #expect(run.agent.requests.last?.json == ["audience": "a"])
    }

    @Test func tokenToIntrospectComesFromStandardInput() throws {
        let run = try Run("introspect --json", RecordingConsole(input: ["e.y.J"])) { _ in .json(["active": false]) }
        #expect(run.exit == 0)
        #expect(run.console.document == ["active": false])
        #expect(run.agent.requests.first?.text == "token=e.y.J")
    }

    @Test(arguments: [[], [""], [String(repeating: "x", count: 16_385)]])
    func withoutATokenNothingIsIntrospected(_ input: [String]) throws {
        let run = try Run("introspect --json", RecordingConsole(input: input))
        #expect(run.exit == 2)
        #expect(run.agent.lines.isEmpty)
    }

    @Test func eventsAreOneDocumentALine() throws {
        let events = [
            "id: 7\nevent: state\ndata: {\"sessions\":[]}\n\n", "id: 8\nevent: session\ndata: {\"id\":\"S1\",\"state\":\"ended\"}\n\n",
        ]
        let script: @Sendable (SeenRequest) -> ScriptedAgent.Step = { _ in .chunks(events, type: "text/event-stream") }
        let run = try Run("watch --json --after 6", RecordingConsole(), script)
        let lines = run.console.output.split(separator: "\n")
        #expect(lines.first == #"{"data":{"sessions":[]},"event":"state","id":7}"#)
        #expect(lines.dropFirst().first == #"{"data":{"id":"S1","state":"ended"},"event":"session","id":8}"#)
        #expect(lines.count == 3 && lines.last?.contains("agent_unreachable") == true)
        #expect(run.exit == 3)
        #expect(run.agent.requests.first?.fields["last-event-id"] == "6")
        let plain = try Run("watch", RecordingConsole(), time: FixedTime(), script)
        #expect(
            plain.console.output == "2026-03-01T12:00:00.000Z  what there is\n2026-03-01T12:00:00.000Z  session  state: ended  id: S1\n")
    }
}
