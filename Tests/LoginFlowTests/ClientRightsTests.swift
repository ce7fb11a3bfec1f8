import Audit
import Habilitation
import LoginFlow
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

struct LoginRightsTests {
    private func caller(
        uid: UInt32 = 1000, _ operations: Set<ClientOperation>, audiences: Set<String>? = nil, scopes: Set<String>? = nil
    ) -> Caller {
        Caller(
            uid: uid, gid: uid, pid: 7,
            client: Client(name: "narrow", operations: operations, audiences: audiences, scopes: scopes))
    }

    private func agent() async throws -> TestAgent {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        return agent
    }

    @Test func programWithoutTheOperationBeginsNoLogin() async throws {
        let agent = try await agent()
        #expect(
            try await agent.refusal { try await agent.begin(caller([.token])) }
                == Refusal(.operationDenied, ["operation": "login", "client": "narrow"]))
        #expect(agent.ledger.traces(of: .loginRefused).map(\.code) == ["operation_denied"])
        #expect(agent.ledger.traces(of: .loginStarted) == [])
    }

    @Test func programWithoutTheOperationGivesNoPIN() async throws {
        let agent = try await agent()
        let login = try await agent.begin(caller([.login]))
        #expect(try await agent.refusal { try await agent.enter(login: login, by: caller([.token])) }?.code == .operationDenied)
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == ["operation_denied"])
        try await agent.enter(login: login, by: caller([.login]))
    }

    @Test(arguments: [PINOperation.change, .unblock])
    func programWithoutTheOperationTouchesNoPIN(operation: PINOperation) async throws {
        let agent = try await agent()
        let refusal = try await agent.refusal { try await agent.desk.beginPIN(operation, reader: nil, by: caller([.login])) }
        #expect(refusal?.code == .operationDenied)
        #expect(agent.ledger.traces(of: .pinRequested) == [])
        let begun = try await agent.desk.beginPIN(operation, reader: nil, by: caller([.pin]))
        let code = operation == .change ? PINOperation.Code.current : .puk
        let given = try await agent.refusal {
            try await agent.desk.give(
                Secret(text: "1234"), as: code, to: operation, begun["id"]?.string ?? "", acceptLastTry: nil, by: caller([.login]))
        }
        #expect(given?.code == .operationDenied)
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == ["operation_denied", "operation_denied"])
    }

    @Test func tokenOfALoginIsHeldToTheClient() async throws {
        let agent = try await agent()
        let other = "https://other.example"
        for (client, code) in [
            (caller([.login]), ErrorCode.operationDenied), (caller([.login, .token], audiences: [other]), .audienceDenied),
            (caller([.login, .token], scopes: ["record:read"]), .scopeDenied),
        ] {
            let refusal = try await agent.refusal {
                try await agent.begin(client, audience: TestAgent.audience, scopes: [.recordWrite])
            }
            #expect(refusal?.code == code)
        }
        let narrow = caller([.login, .token], scopes: ["record:read"])
        #expect(try await agent.logIn(narrow, audience: TestAgent.audience).token?.scopes == ["record:read"])
    }

    @Test func clientMayLogInForAnotherUserWhereItSaysSo() async throws {
        let agent = try await agent()
        let token = TokenRequest(audience: TestAgent.audience, scopes: [], ttl: nil, keyThumbprint: nil)
        let request = LoginRequest(reader: nil, token: token, forUID: 1001, resumes: nil)
        #expect(
            try await agent.refusal { try await agent.desk.begin(request, by: caller([.login, .token])) }
                == Refusal(.operationDenied, ["operation": "login_for", "client": "narrow"]))
        let greeter = caller([.login, .token, .loginFor])
        let login = try await agent.desk.begin(request, by: greeter)["id"]?.string ?? ""
        let opened = try await agent.enter(login: login, by: greeter)
        #expect(opened.session.uid == 1001)
        #expect(opened.token != nil)
        // The session is that user's; who opened it does not see it.
        #expect(await agent.registry.sessions(for: .other).map(\.id) == [opened.session.id])
        #expect(await agent.registry.sessions(for: greeter) == [])
    }

    @Test func refusedPINsOfTheCardAreNeverCounted() async throws {
        let agent = try await agent()
        let login = try await agent.begin()
        for _ in 0..<2 { _ = try await agent.refusal { try await agent.enter("0000", login: login) } }
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == ["pin_wrong", "pin_wrong"])
        #expect(agent.ledger.traces(of: .pinRefused).map(\.count) == [nil, nil])
    }

    @Test func refusedPINsThatCostNothingAreCounted() async throws {
        let agent = try await agent()
        let login = try await agent.begin()
        for _ in 0..<50 { _ = try await agent.refusal { try await agent.enter("x", login: login) } }
        #expect(agent.ledger.traces(of: .pinRefused).count == 1)
        await agent.registry.refusals.flush(all: true)
        #expect(agent.ledger.traces(of: .pinRefused).map(\.count) == [nil, 49])
    }
}
