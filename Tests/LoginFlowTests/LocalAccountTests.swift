import Audit
import LoginFlow
import Primitives
import Sessions
import TestSupport
import Testing
import Workstation

/// Two accounts; nobody else has one.
private struct Users: UserDatabase {
    func uid(of name: String) async throws(UserDatabaseFailure) -> UInt32? { ["max": 1000, "ines": 1001][name] }
    func account(of person: String) async throws(UserDatabaseFailure) -> String? { nil }
}

@Suite(.timeLimit(.minutes(5)))
struct LocalAccountTests {
    private func agent(_ people: [String: String]) async throws -> TestAgent {
        let names = LocalAccounts.Names(people: people, rule: nil, asksProgram: false, leastUID: 1000)
        let agent = try await TestAgent(localAccounts: LocalAccounts(names, users: Users()))
        await agent.insert(try Personas.shared().doctor.card())
        return agent
    }

    private func request(_ account: AccountWish, resumes: String? = nil) -> LoginRequest {
        LoginRequest(reader: nil, token: nil, forUID: nil, account: account, resumes: resumes)
    }

    @Test(arguments: [AccountWish.own, .named("max")])
    func theSessionIsForTheUserOfTheHoldersAccount(wish: AccountWish) async throws {
        let agent = try await agent([try Personas.shared().doctor.nationalID: "max"])
        let login = try await agent.desk.begin(request(wish), by: .root)
        #expect(login["account"] == ["name": "max", "uid": 1000])
        #expect(login["uid"]?.int == 1000)
        let session = try await agent.enter(login: login["id"]?.string ?? "", by: .root).session
        #expect(session.uid == 1000)
        #expect(try await agent.registry.sessionJSON(session.id, for: .user)["state"] == "active")
    }

    @Test func anotherPersonsAccountIsRefusedBeforeAnyPINIsAskedFor() async throws {
        let agent = try await agent([try Personas.shared().doctor.nationalID: "max"])
        let refusal = try await agent.refusal { try await agent.desk.begin(request(.named("ines")), by: .root) }
        #expect(refusal?.code == .localAccountMismatch)
        #expect(agent.readers.verifies == 0)
        #expect(agent.ledger.traces.last?.code == "local_account_mismatch")
        #expect(agent.ledger.traces.last?.event == .loginRefused)
    }

    @Test func whoHasNoAccountIsRefused() async throws {
        let agent = try await agent([:])
        #expect(try await agent.refusal { try await agent.desk.begin(request(.own), by: .root) }?.code == .localAccountUnmapped)
    }

    @Test func aUserLogsInForNobodyElsesAccount() async throws {
        let agent = try await agent([try Personas.shared().doctor.nationalID: "max"])
        #expect(try await agent.refusal { try await agent.desk.begin(request(.own), by: .other) }?.code == .forbidden)
        #expect(try await agent.desk.begin(request(.own), by: .user)["uid"]?.int == 1000)
    }

    @Test func itResumesASessionOfThatUser() async throws {
        let agent = try await agent([try Personas.shared().doctor.nationalID: "max"])
        let old = try await agent.logIn(.user).session.id
        let login = try await agent.desk.begin(request(.own, resumes: old), by: .root)
        #expect(try await agent.enter(login: login["id"]?.string ?? "", by: .root).session.resumes == old)
    }
}
