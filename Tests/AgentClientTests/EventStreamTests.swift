import APIContract
import AgentClient
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct EventStreamTests {
    private func events(_ step: ScriptedAgent.Step) throws -> [AgentEvent] {
        let agent = try ScriptedAgent { _ in step }
        var stream = try AgentClient(agent).events()
        var events: [AgentEvent] = []
        while let event = try stream.next() { events.append(event) }
        return events
    }

    @Test func eventsAreReadWhereverTheStreamIsCut() throws {
        let text = "id: 7\nevent: state\ndata: {\"a\":1}\n\nid: 8\nevent: card\ndata: {}\n\n"
        let whole = try events(.chunks([text], type: "text/event-stream"))
        #expect(whole == [AgentEvent(id: 7, kind: "state", data: ["a": 1]), AgentEvent(id: 8, kind: "card", data: [:])])
        #expect(try events(.chunks(text.map { String($0) }, type: "text/event-stream; charset=utf-8")) == whole)
    }

    @Test func fieldsFollowTheStandard() throws {
        let text =
            ": hello\r\n\r\ndata:{\r\ndata: \"a\":1}\r\nretry: 5\r\n\r\nevent: lost\n\nid: x\nid\nevent: gap\ndata: {}\n\ndata: {\"cut\":1}\n"
        let found = try events(.chunks([text], type: "text/event-stream"))
        #expect(found == [AgentEvent(id: nil, kind: "message", data: ["a": 1]), AgentEvent(id: nil, kind: "gap", data: [:])])
    }

    @Test func placeIsKeptForEventsWithoutAnId() throws {
        let found = try events(.chunks(["id: 3\ndata: 1\n\ndata: 2\n\n"], type: "text/event-stream"))
        #expect(found.map(\.id) == [3, 3])
    }

    @Test func lastEventIsNamedWhenFollowingAgain() throws {
        let agent = try ScriptedAgent { _ in .chunks([], type: "text/event-stream") }
        _ = try AgentClient(agent).events(after: 41)
        #expect(agent.requests.first?.fields["last-event-id"] == "41")
        #expect(agent.lines == ["GET /v1/events"])
    }

    @Test func refusalIsThrown() throws {
        let agent = try ScriptedAgent { _ in .problem(.forbidden) }
        #expect(problem { () throws(Problem) in _ = try AgentClient(agent).events() }?.code == "forbidden")
    }

    @Test func answerThatIsNoStreamIsRefused() throws {
        let agent = try ScriptedAgent { _ in .json([:]) }
        #expect(problem { () throws(Problem) in _ = try AgentClient(agent).events() }?.code == "internal_error")
    }

    @Test func streamThatBreaksOffIsAnError() throws {
        let agent = try ScriptedAgent { _ in
            .text("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: {}\n\r\n")
        }
        var stream = try AgentClient(agent).events()
        var found: Problem?
        do throws(Problem) { _ = try stream.next() } catch { found = error }
        #expect(found?.code == "agent_unreachable")
    }

    @Test func dataThatIsNotJSONIsAnError() throws {
        let agent = try ScriptedAgent { _ in .chunks(["data: no\n\n"], type: "text/event-stream") }
        var stream = try AgentClient(agent).events()
        var found: Problem?
        do throws(Problem) { _ = try stream.next() } catch { found = error }
        #expect(found?.code == "internal_error")
    }
}
