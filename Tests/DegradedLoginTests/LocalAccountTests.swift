import Audit
import Primitives
import Sessions
import TestSupport
import Testing
import Workstation

private struct Users: UserDatabase {
    func uid(of name: String) async throws(UserDatabaseFailure) -> UInt32? { ["max": 1000, "ines": 1001][name] }
    func account(of person: String) async throws(UserDatabaseFailure) -> String? { nil }
}

@Suite struct LocalAccountTests {
    private func world(_ people: [String: String]) async throws -> DegradedWorld {
        let names = LocalAccounts.Names(people: people, rule: nil, asksProgram: false, leastUID: 1000)
        return try await DegradedWorld(localAccounts: LocalAccounts(names, users: Users()))
    }

    private static let person = "899900063480"

    @Test(arguments: [AccountWish.own, .named("max")])
    func theSessionIsForTheUserOfThePersonsAccount(wish: AccountWish) async throws {
        let world = try await world([Self.person: "max"])
        let opened = try await world.logIn(world.request(account: wish), by: .root)
        #expect(opened.account == LocalAccount(name: "max", uid: 1000))
        #expect(opened.session.uid == 1000)
    }

    @Test func anotherPersonsAccountIsRefusedAfterThePasswordAloneAndTraced() async throws {
        let world = try await world([Self.person: "max"])
        // Whose account it is shows only to who gives the password.
        let login = try await world.begin(world.request(account: .named("ines")), by: .root)
        #expect(try await world.refusal { try await world.enter(login: login, by: .root) }?.code == .localAccountMismatch)
        #expect(world.ledger.traces.last?.code == "local_account_mismatch")
        #expect(world.ledger.traces.last?.event == .degradedRefused)
        #expect(await world.registry.liveIDs.isEmpty)
    }

    @Test func whoHasNoAccountIsRefused() async throws {
        let world = try await world([:])
        #expect(
            try await world.refusal { try await world.logIn(world.request(account: .own), by: .root) }?.code == .localAccountUnmapped)
    }
}
