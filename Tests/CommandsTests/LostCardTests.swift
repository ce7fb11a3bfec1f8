import Primitives
import ScriptedAgent
import Testing

/// Cards that were lost or stolen, on the command line.
@Suite(.timeLimit(.minutes(5)))
struct LostCardTests {
    private static let card: JSON = [
        "serial": "8025", "national_id": "899900063480", "name": "MAX LIBRE", "cause": "stolen", "reported_by": "899700245667",
        "reported_at": "2026-06-01T12:00:00.000Z",
    ]

    private static func agent(_ cards: JSON = [card]) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        { request in
            switch request.line {
            case "GET /v1/sessions": .json(["sessions": [["id": "S1"]]])
            case "POST /v1/degraded/lost-cards": .json(card, status: 201)
            case "GET /v1/degraded/lost-cards": .json(["lost_cards": cards])
            case "DELETE /v1/degraded/lost-cards/8025": .nothing
            default: .problem(.notFound)
            }
        }
    }

    @Test func cardIsReportedInTheOnlySession() throws {
        let run = try Run("degraded lost-card report --cause stolen --card 8025", RecordingConsole(), Self.agent())
        #expect(run.exit == 0)
        #expect(run.agent.requests.last?.json == ["session": "S1", "cause": "stolen", "serial": "8025"])
        #expect(run.console.output.contains("8025"))
        let own = try Run("degraded lost-card report --cause lost --session S9", RecordingConsole(), Self.agent())
        #expect(own.agent.requests.last?.json == ["session": "S9", "cause": "lost"])
    }

    @Test func causeIsOneOfTwo() throws {
        #expect(try Run("degraded lost-card report --cause eaten", RecordingConsole(), Self.agent()).exit == 2)
    }

    @Test func cardsAreListedWithWhoReportedThem() throws {
        let run = try Run("degraded lost-card list", RecordingConsole(), Self.agent())
        #expect(run.console.output == "8025  stolen  MAX LIBRE  899700245667  2026-06-01T12:00:00.000Z\n")
        #expect(
            try Run("--lang en degraded lost-card list", RecordingConsole(), Self.agent([])).console.output
                == "No card was reported lost or stolen\n")
    }

    @Test func cardIsLiftedByItsNumber() throws {
        let run = try Run("--json degraded lost-card lift 8025", RecordingConsole(), Self.agent())
        #expect(run.exit == 0)
        #expect(run.agent.lines == ["DELETE /v1/degraded/lost-cards/8025"])
        #expect(run.console.document == ["serial": "8025"])
        #expect(try Run("degraded lost-card lift 9", RecordingConsole(), Self.agent()).exit != 0)
    }
}
