import APIContract
import AgentClient
import Foundation
import Primitives
import ScriptedAgent
import Testing

/// What an exchange came to: the code of the problem, and its detail.
func problem(_ body: () throws(Problem) -> Void) -> Problem? {
    do throws(Problem) {
        try body()
        return nil
    } catch {
        return error
    }
}

extension AgentClient {
    init(_ agent: ScriptedAgent, language: Language = .english) {
        self.init(socket: agent.socket, language: language, check: .standard(agentUID: nil))
    }
}

@Suite(.timeLimit(.minutes(5)))
struct AgentClientTests {
    private let status = AgentRequest(.get, ["status"])

    @Test func requestIsOneThatServersRead() throws {
        let agent = try ScriptedAgent { _ in .json(["a": 1]) }
        let request = AgentRequest(.post, ["readers", "Gemalto PC é/1", "x"], query: [("from", "1 &2")], body: .json(["b": "é"]))
        let answer = try AgentClient(agent, language: .french).send(request)
        #expect(try answer.json() == ["a": 1])
        let seen = try #require(agent.requests.first)
        #expect(seen.line == "POST /v1/readers/Gemalto%20PC%20%C3%A9%2F1/x?from=1%20%262")
        #expect(seen.fields["accept-language"] == "fr")
        #expect(seen.fields["content-type"] == "application/json")
        #expect(seen.fields["content-length"] == "10")
        #expect(seen.json == ["b": "é"])
    }

    @Test func formIsEncoded() throws {
        let agent = try ScriptedAgent { _ in .json([:]) }
        _ = try AgentClient(agent).send(AgentRequest(.post, ["introspect"], body: .form([("token", "a+b=c&d")])))
        #expect(agent.requests.first?.text == "token=a%2Bb%3Dc%26d")
        #expect(agent.requests.first?.fields["content-type"] == "application/x-www-form-urlencoded")
    }

    @Test func secretIsSentAsRawBytes() throws {
        let agent = try ScriptedAgent { _ in .json([:]) }
        let pin = Secret(count: 4) { $0.copyBytes(from: "1234".utf8) }
        _ = try AgentClient(agent).send(AgentRequest(.put, ["logins", "x", "pin"]), secret: pin)
        #expect(agent.requests.first?.body == Array("1234".utf8))
        #expect(agent.requests.first?.fields["content-type"] == "application/octet-stream")
        #expect(agent.requests.first?.fields["content-length"] == "4")
    }

    @Test func refusalIsThrownAsTheDocumentThatCame() throws {
        let agent = try ScriptedAgent { _ in .problem(.pinWrong, ["tries_left": 2]) }
        let problem = try #require(problem { () throws(Problem) in _ = try AgentClient(agent).send(status) })
        #expect(problem.code == "pin_wrong")
        #expect(problem.status == 403)
        #expect(problem.json["tries_left"] == 2)
    }

    @Test func chunkedAnswerIsPutTogether() throws {
        let agent = try ScriptedAgent { _ in .chunks([#"{"a":"#, "[1,", "2]}"], type: "application/json; charset=utf-8") }
        #expect(try AgentClient(agent).send(status).json() == ["a": [1, 2]])
    }

    @Test func answerWithoutContentIsEmpty() throws {
        let agent = try ScriptedAgent { _ in .nothing }
        let answer = try AgentClient(agent).send(AgentRequest(.delete, ["sessions", "x"]))
        #expect(answer.status == 204)
        #expect(answer.body.isEmpty)
    }

    @Test func linesKeepTheirBytes() throws {
        let agent = try ScriptedAgent { _ in .body(Array("{\"a\":1}\n{}\n".utf8), type: "application/x-ndjson") }
        #expect(try AgentClient(agent).send(status).lines() == [Array(#"{"a":1}"#.utf8), Array("{}".utf8)])
    }

    @Test func cutLineIsRefused() throws {
        let agent = try ScriptedAgent { _ in .body(Array("{}\n{".utf8), type: "application/x-ndjson") }
        let answer = try AgentClient(agent).send(status)
        #expect(problem { () throws(Problem) in _ = try answer.lines() }?.code == "internal_error")
    }

    @Test func socketThatIsNotThereIsUnreachable() throws {
        let client = AgentClient(socket: "/nonexistent/agent.sock", language: .french, check: .standard(agentUID: nil))
        let problem = try #require(problem { () throws(Problem) in _ = try client.send(status) })
        #expect(problem.code == "agent_unreachable")
        #expect(problem.exit.rawValue == 3)
        #expect(problem.json["title"] == "L'agent ne répond pas")
        #expect(problem.json["detail"]?.string?.contains("No such file") == true)
    }

    @Test(arguments: ["", String(repeating: "x", count: 200), "a\0b"])
    func pathThatNoSocketHasIsUnreachable(_ path: String) {
        let client = AgentClient(socket: path, language: .english, check: .standard(agentUID: nil))
        #expect(problem { () throws(Problem) in _ = try client.send(status) }?.code == "agent_unreachable")
    }

    @Test func nothingIsSentToAnotherUsersServer() throws {
        let agent = try ScriptedAgent { _ in .json([:]) }
        let client = AgentClient(socket: agent.socket, language: .english, check: ServerCheck { _ in false })
        let pin = Secret(count: 4) { $0.copyBytes(from: "1234".utf8) }
        let problem = try #require(
            problem { () throws(Problem) in _ = try client.send(AgentRequest(.put, ["logins", "x", "pin"]), secret: pin) })
        #expect(problem.code == "agent_unreachable")
        #expect(problem.json["detail"]?.string?.contains("user \(geteuid())") == true)
        // The next connection is served: the one before is closed, and held no request.
        _ = try AgentClient(agent).send(status)
        #expect(agent.lines == ["GET /v1/status"])
    }

    @Test func silentAgentIsNotWaitedForBeyondTheDeadline() throws {
        let agent = try ScriptedAgent { _ in .silence }
        let request = AgentRequest(.get, ["status"], patience: .zero)
        let problem = try #require(problem { () throws(Problem) in _ = try AgentClient(agent).send(request) })
        #expect(problem.json["detail"] == "no answer in time")
        #expect(problem.code == "agent_unreachable")
    }
}
