import APIContract
import AgentClient
import FoundationEssentials
import Primitives
import ScriptedAgent
import Testing

/// The product for applications, by its public door.
@Suite(.timeLimit(.minutes(5)))
struct CPSAgentTests {
    private static let holder: JSON = [
        "national_id": "899900063480", "rpps": "99900063480", "family_name": "LIBRE", "given_name": "MAX",
        "profession": ["code": "10", "label": "Médecin"],
    ]
    private static let session: JSON = [
        "id": "s1", "state": "active", "mode": "card", "uid": 1000, "holder": holder, "profile": .null, "profiles": [],
        "scopes": ["record:read"], "acr": "https://ws/acr/card", "break_glass": [], "test": true,
        "opened_at": "2026-01-02T03:04:05.678Z", "expires_at": "2026-01-02T15:04:05.000Z", "ended_at": .null, "end_reason": .null,
        "something_new": ["x": 1],
    ]
    private static let login: JSON = [
        "id": "l1", "holder": holder, "tries_left": 3, "pin": ["minimum_length": 4, "maximum_length": 4], "keypad": false, "test": true,
        "expires_at": "2026-01-02T03:05:05.000Z",
    ]

    private func agent(_ script: ScriptedAgent) -> CPSAgent { CPSAgent(socket: script.socket, language: .english) }

    private func failure(_ body: () async throws(AgentError) -> Void) async -> AgentError? {
        do throws(AgentError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func stateIsRead() async throws {
        let script = try ScriptedAgent { _ in
            .json([
                "version": "0.1.0", "api_version": "1.2.0", "workstation": "ws", "issuer": "https://ws", "environment": "test",
                "monitoring": "running", "warnings": ["w"],
                "readers": [["id": "r", "name": "R 00", "keypad": true, "card": "ready", "kind": "usb"]],
            ])
        }
        let status = try await agent(script).status()
        #expect(status.apiVersion == "1.2.0" && status.isTest && status.isWatchingReaders && status.warnings == ["w"])
        #expect(status.readers.map(\.name) == ["R 00"] && status.readers.first?.card == .ready && status.readers.first?.hasKeypad == true)
    }

    @Test func loginGoesFromTheCardToASessionAndItsToken() async throws {
        let script = try ScriptedAgent { request in
            switch request.line {
            case "POST /v1/logins": .json(Self.login, status: 201)
            default:
                .json(["session": Self.session, "access_token": "a.b.c", "token_type": "Bearer", "expires_in": 120, "scope": "record:read"])
            }
        }
        let agent = agent(script)
        let login = try await agent.beginLogin(audience: "https://records", scopes: ["record:read"], reader: "r")
        #expect(login.holder.displayName == "MAX LIBRE" && login.triesLeft == 3 && login.pinLength == 4...4)
        var digits = Array("1234".utf8)
        let opened = try await agent.enterPIN(AgentPIN(wiping: &digits), for: login, lastTryConsent: "c&1")
        #expect(digits == [0, 0, 0, 0])
        #expect(opened.session.state == .active && opened.session.openedAt == Date(timeIntervalSince1970: 1_767_323_045.678))
        #expect(opened.token?.value == "a.b.c" && opened.token?.expiresIn == .seconds(120) && opened.token?.scopes == ["record:read"])
        #expect(script.lines == ["POST /v1/logins", "PUT /v1/logins/l1/pin?accept_last_try=c%261"])
        #expect(script.requests.first?.json == ["audience": "https://records", "scopes": ["record:read"], "reader": "r"])
        #expect(script.requests.last?.text == "1234")
    }

    @Test func refusalHasWhatAPersonAndAProgramNeed() async throws {
        let script = try ScriptedAgent { _ in .problem(.pinWrong, ["tries_left": 1, "last_try_consent": "c"]) }
        let error = try #require(await failure { () async throws(AgentError) in _ = try await agent(script).sessions() })
        #expect(error.code == "pin_wrong" && error.status == 403 && error.retry == .now)
        #expect(error.triesLeft == 1 && error.lastTryConsent == "c" && error.title == "Wrong PIN" && !error.remedy.isEmpty)
    }

    @Test func agentThatIsNotThereIsAnError() async throws {
        let agent = CPSAgent(socket: "/nonexistent/agent.sock")
        let error = try #require(await failure { () async throws(AgentError) in _ = try await agent.status() })
        #expect(error.code == "agent_unreachable" && error.title == "L'agent ne répond pas")
    }

    @Test(arguments: ["id", "state", "mode", "uid", "holder", "scopes", "opened_at"])
    func answerWithoutAMemberIsAnError(_ member: String) async throws {
        let script = try ScriptedAgent { _ in .json(Self.session.with(member, .null)) }
        let error = try #require(await failure { () async throws(AgentError) in _ = try await agent(script).session("s1") })
        #expect(error.code == "internal_error")
    }

    @Test func sessionsTokensAndInspectionsAreAskedForByTheirRoutes() async throws {
        let script = try ScriptedAgent { request in
            switch request.line {
            case "GET /v1/sessions": .json(["sessions": [Self.session]])
            case "POST /v1/sessions/s1/tokens":
                .json(["access_token": "t", "token_type": "DPoP", "expires_in": 300, "scope": "a b"], status: 201)
            case "POST /v1/introspect": .json(["active": true, "sub": "8", "scope": "a", "cps": ["trace": 7, "break_glass": "e1"]])
            case "PUT /v1/sessions/s1/profile": .json(Self.session.with("profile", ["id": "p2", "label": "CABINET"]))
            default: .nothing
            }
        }
        let agent = agent(script)
        #expect(try await agent.sessions().map(\.id) == ["s1"])
        let token = try await agent.token(session: "s1", audience: "https://a", keyThumbprint: "k")
        #expect(token.scheme == "DPoP" && token.scopes == ["a", "b"])
        let inspection = try await agent.introspect("t")
        #expect(inspection.isActive && inspection.trace == 7 && inspection.breakGlass == "e1" && inspection.subject == "8")
        try await agent.end(session: "s1")
        #expect(script.requests[1].json == ["audience": "https://a", "jkt": "k"])
        #expect(script.requests[2].text == "token=t")
        #expect(script.lines.last == "DELETE /v1/sessions/s1")
        #expect(Array(try await agent.send(.get, ["sessions"])) == Array(JSON.object(["sessions": [Self.session]]).canonical))
        let error = await failure { () async throws(AgentError) in _ = try await agent.send(.post, ["logins"], body: Data("{".utf8)) }
        #expect(error?.code == "invalid_request")
    }

    @Test func eventsComeAsValuesAndUnknownOnesAreKept() async throws {
        let ended = Self.session.with("state", "ended").with("end_reason", "card_removed")
        let text = [
            ("state", ["sessions": [Self.session], "cards": [["reader": "R", "state": "absent"]]]), ("session", ended),
            ("token_revoked", ["jti": "j", "session": "s1"]), ("gap", [:]), ("something_new", ["a": 1]),
        ].enumerated().map {
            "id: \($0.offset)\nevent: \($0.element.0)\ndata: \(String(decoding: $0.element.1.canonical, as: UTF8.self))\n\n"
        }
        let script = try ScriptedAgent { _ in .chunks(text, type: "text/event-stream") }
        var seen: [CPSAgent.Event] = []
        for try await event in try await agent(script).events(after: 41) { seen.append(event) }
        #expect(seen.map(\.id) == [0, 1, 2, 3, 4])
        guard case .state(let sessions, let cards) = try #require(seen.first).kind, case .session(let session) = seen[1].kind else {
            Issue.record("the first events are those of the state and of a session")
            return
        }
        #expect(sessions.map(\.id) == ["s1"] && cards.map(\.state) == [.absent])
        #expect(session.state == .ended && session.endReason == "card_removed")
        #expect(seen[2].kind == .tokenRevoked(tokenID: "j", session: "s1") && seen[3].kind == .gap)
        #expect(seen[4].kind == .other("something_new", Data(#"{"a":1}"#.utf8)))
        #expect(script.requests.first?.fields["last-event-id"] == "41")
    }

    @Test func eventThatLacksAMemberIsAnError() async throws {
        let script = try ScriptedAgent { _ in .chunks(["event: session\ndata: {}\n\n"], type: "text/event-stream") }
        let events = try await agent(script).events()
        var iterator = events.makeAsyncIterator()
        var found: AgentError?
        do throws(AgentError) { _ = try await iterator.next() } catch { found = error }
        #expect(found?.code == "internal_error")
    }

    @Test func waitingEndsWithItsTask() async throws {
        // A head and no event: the next one would never come.
        let script = try ScriptedAgent { _ in .openStream }
        let events = try await agent(script).events()
        let waiting = Task { () -> Int in
            var count = 0
            for try await _ in events { count += 1 }
            return count
        }
        waiting.cancel()
        #expect(try await waiting.value == 0)
    }
}
