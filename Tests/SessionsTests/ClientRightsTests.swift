import Audit
import Habilitation
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

/// What a program may do is decided beside what the person may.
struct ClientRightsTests {
    private func caller(
        uid: UInt32 = 1000, operations: Set<ClientOperation> = [.token], audiences: Set<String>? = nil, scopes: Set<String>? = nil
    ) -> Caller {
        Caller(
            uid: uid, gid: uid, pid: 7,
            client: Client(name: "narrow", operations: operations, audiences: audiences, scopes: scopes))
    }

    private func world() async throws -> SessionWorld {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        return world
    }

    @Test func programWithoutTheOperationGetsNoToken() async throws {
        let world = try await world()
        let refusal = try #require(try await world.refusal { try await world.token(by: caller(operations: [.login])) })
        #expect(refusal == Refusal(.operationDenied, ["operation": "token", "client": "narrow"]))
        let trace = try #require(world.ledger.traces(of: .tokenRefused).first)
        #expect(trace.code == "operation_denied")
        #expect(trace.client?["name"]?.string == "narrow")
        #expect(world.ledger.issuedTokens == [])
    }

    @Test func audienceOutsideTheListIsDenied() async throws {
        let world = try await world()
        let refusal = try await world.refusal { try await world.token(by: caller(audiences: ["https://other.example"])) }
        #expect(refusal == Refusal(.audienceDenied, ["audience": .string(TestAgent.audience), "client": "narrow"]))
        #expect(try await world.refusal { try await world.token(by: caller(audiences: [TestAgent.audience])) } == nil)
    }

    @Test func scopeOutsideTheListIsDeniedByTheRuleOfTheClient() async throws {
        let world = try await world()
        let narrow = caller(scopes: ["record:read"])
        let refusal = try await world.refusal { try await world.token(scopes: [.recordRead, .recordWrite], by: narrow) }
        #expect(refusal == Refusal(.scopeDenied, ["scope": "record:write", "rule": "clients.narrow", "rules": ["clients.narrow"]]))
        #expect(try await world.token(scopes: [.recordRead], by: narrow).scopes == ["record:read"])
    }

    @Test func requestForAllScopesGivesThoseThatBothAllow() async throws {
        let world = try await world()
        let token = try await world.token(by: caller(scopes: ["record:read", "dispensation:write"]))
        #expect(token.scopes == ["record:read"])
        #expect(try world.claims(token).clientID == "narrow")
    }

    @Test func clientOfTheAudienceMayAskAboutATokenAndRevokeIt() async throws {
        let world = try await world()
        let token = try await world.token()
        let (server, stranger) = (caller(uid: 1001, audiences: [TestAgent.audience]), caller(uid: 1001))
        // A list of audiences that is not there allows all of them, and names none.
        #expect(await !world.isActive(token, for: stranger))
        try await world.registry.revoke(token.accessToken, by: stranger)
        #expect(await world.isActive(token, for: server))
        try await world.registry.revoke(token.accessToken, by: server)
        #expect(await !world.isActive(token))
    }

    @Test func programThatMayDoNothingKeepsNoSessionAliveAndLocksNone() async throws {
        let world = try await world()
        let nothing = caller(operations: [])
        #expect(try await world.refusal { try await world.registry.touch("s1", for: nothing) }?.code == .operationDenied)
        #expect(try await world.refusal { try await world.registry.lock("s1", by: nothing) }?.code == .operationDenied)
        #expect(world.ledger.traces(of: .sessionRefused).map(\.code) == ["operation_denied"])
        // One that has the session's tokens works in it; locking takes what ending and unlocking take.
        #expect(try await world.registry.touch("s1", for: caller(operations: [.token])).state == .active)
        #expect(try await world.refusal { try await world.registry.lock("s1", by: caller(operations: [.token])) }?.code == .operationDenied)
        #expect(try await world.registry.touch("s1", for: caller(operations: [.login])).state == .active)
        #expect(try await world.registry.lock("s1", by: caller(operations: [.login])).state == .locked)
    }
}
