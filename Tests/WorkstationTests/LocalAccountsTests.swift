import Identity
import Primitives
import Sessions
import TestSupport
import Testing
import Workstation

/// The users of a machine that is not there.
private struct Users: UserDatabase {
    var uids: [String: UInt32] = ["max": 1000, "u99900063480": 1001, "u899900063480": 1002, "daemon": 2, "root": 0]
    var program: [String: String] = [:]
    var failure: UserDatabaseFailure?

    func uid(of name: String) async throws(UserDatabaseFailure) -> UInt32? {
        if let failure { throw failure }
        return uids[name]
    }

    func account(of person: String) async throws(UserDatabaseFailure) -> String? {
        if let failure { throw failure }
        return program[person]
    }
}

@Suite struct LocalAccountsTests {
    /// Of the holder of the samples.
    private static let person = "899900063480"

    private func account(
        _ wish: AccountWish? = .own, people: [String: String] = [:], rule: String? = nil, program: [String: String]? = nil,
        least: UInt32 = 1000, users: Users = Users(), by caller: Caller = .root
    ) async throws(Refusal) -> LocalAccount? {
        var users = users
        users.program = program ?? [:]
        let accounts = LocalAccounts(
            LocalAccounts.Names(people: people, rule: rule, asksProgram: program != nil, leastUID: least), users: users)
        let holder: Holder
        do { holder = try Sample.holder() } catch { throw Refusal(.internalError) }
        return try await accounts.account(wish, of: holder, by: caller, nil)
    }

    private func code(_ action: () async throws(Refusal) -> LocalAccount?) async -> ErrorCode? {
        do throws(Refusal) {
            _ = try await action()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func withoutAWishNoAccountIsLookedFor() async throws {
        #expect(try await account(nil, users: Users(failure: UserDatabaseFailure("down"))) == nil)
    }

    @Test func aPersonIsNamedByNationalIdentifier() async throws {
        #expect(try await account(people: [Self.person: "max"]) == LocalAccount(name: "max", uid: 1000))
        #expect(try await account(.named("max"), people: [Self.person: "max"])?.uid == 1000)
    }

    @Test func aRuleMakesTheNameOfTheIdentifier() async throws {
        #expect(try await account(rule: "u{rpps}") == LocalAccount(name: "u99900063480", uid: 1001))
        #expect(try await account(rule: "u{national_id}")?.uid == 1002)
    }

    @Test func aProgramKnowsTheOthers() async throws {
        #expect(try await account(program: [Self.person: "max"])?.uid == 1000)
        #expect(await code { () async throws(Refusal) in try await account(program: [:]) } == .localAccountUnmapped)
    }

    @Test func whoIsNamedGoesBeforeTheRule() async throws {
        #expect(try await account(people: [Self.person: "max"], rule: "u{rpps}")?.name == "max")
    }

    @Test func aPersonThatNothingNamesHasNoAccount() async {
        #expect(await code { () async throws(Refusal) in try await account() } == .localAccountUnmapped)
        #expect(await code { () async throws(Refusal) in try await account(people: ["899900000000": "max"]) } == .localAccountUnmapped)
    }

    @Test(arguments: ["", "max:0", "../etc", "-l", "a b", "max\n", "deux,mots"])
    func aNameThatIsNoneOfAUserIsNoAccount(name: String) async {
        #expect(await code { () async throws(Refusal) in try await account(program: [Self.person: name]) } == .localAccountUnmapped)
    }

    @Test func anotherPersonsAccountIsRefused() async {
        let code = await code { () async throws(Refusal) in try await account(.named("alice"), people: [Self.person: "max"]) }
        #expect(code == .localAccountMismatch)
    }

    @Test(arguments: ["ghost", "daemon", "root"])
    func anAccountThatIsNotThereOrTheMachinesOwnIsRefused(name: String) async {
        #expect(await code { () async throws(Refusal) in try await account(people: [Self.person: name]) } == .localAccountMissing)
    }

    @Test func noCardLeadsToRootWhateverTheLeastNumber() async {
        #expect(
            await code { () async throws(Refusal) in try await account(people: [Self.person: "root"], least: 0) } == .localAccountMissing)
    }

    @Test func aDirectoryThatIsDownIsNotTakenForAnUnknownUser() async {
        let users = Users(failure: UserDatabaseFailure("sssd"))
        let code = await code { () async throws(Refusal) in try await account(people: [Self.person: "max"], users: users) }
        #expect(code == .localAccountUnavailable)
    }

    @Test func aProgramOfAnotherUserNeedsTheRight() async throws {
        let people = [Self.person: "max"]
        #expect(await code { () async throws(Refusal) in try await account(people: people, by: .other) } == .forbidden)
        #expect(try await account(people: people, by: .user)?.uid == 1000)
        let greeter = Caller(uid: 120, gid: 120, pid: 9, client: Client(name: "greeter", operations: [.login, .loginFor]))
        #expect(try await account(people: people, by: greeter)?.uid == 1000)
    }

    @Test func whereNothingIsConfiguredNobodyHasAnAccount() async throws {
        let holder = try Sample.holder()
        let code = await code { () async throws(Refusal) in
            try await LocalAccounts.none.account(.own, of: holder, by: .root, nil)
        }
        #expect(code == .localAccountUnmapped)
    }
}
