import Commands
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ProfileTests {
    private static let profiles: JSON = [
        ["id": "p1", "label": "CABINET", "structure_id": "499900063480001", "sector": "SA07", "mode": "L"],
        ["id": "p2", "label": .null, "structure_id": .null, "sector": .null, "mode": .null],
    ]

    private static func session(_ state: String, _ profile: JSON = .null) -> JSON {
        guard case .object(let members) = Sample.session else { return .null }
        return .object(members.merging(["state": .string(state), "profile": profile, "profiles": profiles]) { _, new in new })
    }

    /// An agent whose holder has two situations.
    @Sendable private static func several(_ request: SeenRequest) -> ScriptedAgent.Step {
        switch request.line {
        case "POST /v1/logins": .json(Sample.login(), status: 201)
        case "PUT /v1/logins/L1/pin": .json(["session": session("profile_required")])
        case "PUT /v1/sessions/S1/profile": .json(session("active", profiles.array?.last ?? .null))
        case "POST /v1/sessions/S1/tokens":
            .json(["access_token": "e.y.J", "expires_in": 120, "token_type": "Bearer", "scope": "a"], status: 201)
        default: .problem(.notFound)
        }
    }

    @Test func personChoosesByNumberAndGetsTheToken() throws {
        let console = RecordingConsole(replies: [.line("1234"), .line("7"), .line("2")])
        let run = try Run("--lang en login --audience https://a.example --scope record:read", console, Self.several)
        #expect(run.exit == 0)
        #expect(run.console.errors.contains("1  CABINET (499900063480001, SA07, self-employed)"))
        #expect(run.console.prompts.suffix(2) == ["Situation (number): ", "Situation (number): "])
        #expect(run.console.output.contains("e.y.J"))
        let bodies = run.agent.requests.suffix(2).map(\.text)
        #expect(bodies == [#"{"profile":"p2"}"#, #"{"audience":"https://a.example","scopes":["record:read"]}"#])
    }

    @Test func whoChoosesLaterHasASessionThatWaits() throws {
        let console = RecordingConsole(replies: [.line("1234"), .end])
        let run = try Run("--lang fr login", console, Self.several)
        #expect(run.exit == 0)
        #expect(run.console.output.contains("Choisir une situation"))
        #expect(run.console.output.contains("p1"))
        #expect(run.agent.requests.count == 2)
    }

    @Test func programsGetTheListAndChoose() throws {
        let run = try Run("--json login --pin-stdin", RecordingConsole(input: ["1234"]), Self.several)
        #expect(run.console.document?["session"]?["profiles"] == Self.profiles)
        let chosen = try Run("--json session profile S1 p2", RecordingConsole(), Self.several)
        #expect(chosen.exit == 0)
        #expect(chosen.console.document?["profile"]?["id"] == "p2")
    }
}
