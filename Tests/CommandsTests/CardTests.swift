import APIContract
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CardTests {
    private static func agent(_ readers: [JSON], _ card: JSON) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        { request in request.line == "GET /v1/readers" ? .json(["readers": .array(readers)]) : .json(card) }
    }

    @Test func cardOfTheNamedReaderIsShown() throws {
        let run = try Run(["card", "--json", "--reader", "Reader 1"], RecordingConsole(), Self.agent([], Sample.card("ready")))
        #expect(run.exit == 0)
        #expect(run.console.document == Sample.card("ready"))
        #expect(run.agent.lines == ["GET /v1/readers/Reader%201/card"])
    }

    @Test(arguments: [(["absent", "foreign", "ready"], "r2"), (["absent", "mute"], "r1"), (["absent", "absent"], "r0")])
    func readerWithTheMostUsableCardIsChosen(_ states: [String], _ chosen: String) throws {
        let readers = states.enumerated().map { Sample.reader($1, id: "r\($0)") }
        let run = try Run("card --json", RecordingConsole(), Self.agent(readers, Sample.card("ready")))
        #expect(run.agent.lines == ["GET /v1/readers", "GET /v1/readers/\(chosen)/card"])
    }

    @Test func withoutReaderOrCardTheExitIs4() throws {
        let noReader = try Run("card --json", RecordingConsole(), Self.agent([], .null))
        #expect(noReader.exit == 4)
        #expect(noReader.console.document?["code"] == "no_reader")
        let noCard = try Run("card --json", RecordingConsole(), Self.agent([Sample.reader("absent")], Sample.card("absent")))
        #expect(noCard.exit == 4)
        #expect(noCard.console.document?["code"] == "card_absent")
    }

    @Test func problemOfACardIsExplained() throws {
        let run = try Run(
            "card --lang fr", RecordingConsole(), Self.agent([Sample.reader("foreign")], Sample.card("foreign", code: "card_foreign")))
        #expect(run.exit == 0)
        #expect(run.console.output.contains("Ce n'est pas une carte CPS. Insérer une carte de professionnel de santé."))
    }
}
