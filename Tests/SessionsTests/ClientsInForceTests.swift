import Audit
import Habilitation
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

/// Entries of `clients` that change under live sessions and their tokens.
@Suite(.timeLimit(.minutes(5)))
struct ClientsInForceTests {
    private static let audience = TestAgent.audience

    private static func client(
        _ name: String, _ operations: Set<ClientOperation> = [.login, .token], audiences: Set<String>? = nil, scopes: Set<String>? = nil
    ) -> Client {
        Client(name: name, operations: operations, audiences: audiences, scopes: scopes)
    }

    private static func table(_ clients: Client..., fallback: Client? = nil) -> ClientTable {
        ClientTable(clients.enumerated().map { ClientRule($1, uids: [1000 + UInt32($0)]) }, fallback: fallback)
    }

    private static let phones = RemoteClient(client: client("rounds", [.token]), kind: .device)

    private func world(_ clients: ClientsInForce) async throws -> SessionWorld {
        let world = try await SessionWorld(clients: clients)
        try await world.open(try Sample.session("s1"))
        return world
    }

    private func caller(_ client: Client) -> Caller { Caller(uid: 1000, gid: 1000, pid: 7, client: client) }

    private func replace(_ world: SessionWorld, _ table: ClientTable?, remote: RemoteClients = RemoteClients()) async {
        let isOther = world.registry.settings.clients.replace(by: table, remote: remote)
        await world.registry.reassessRights(whereClient: isOther)
    }

    @Test(arguments: [
        Self.client("records", [.login]), Self.client("records", audiences: ["https://other.example"]),
        Self.client("records", scopes: ["record:read"]), Self.client("billing"),
    ])
    func aTokenThatItsProgramMayNoLongerHaveIsInactiveAndTraced(_ now: Client) async throws {
        let records = Self.client("records")
        let world = try await world(ClientsInForce(Self.table(records)))
        let token = try await world.token(scopes: [.recordWrite], by: caller(records))
        #expect(await world.isActive(token))
        await replace(world, Self.table(now))
        #expect(await !world.isActive(token))
        let trace = try #require(world.ledger.traces(of: .sessionReassessed).first)
        #expect(trace.detail?["tokens"] == [.string(try world.claims(token).jti)])
        #expect(await world.registry.sessions(for: .user).count == 1)
    }

    @Test(arguments: [
        Self.client("records", [.token, .pin]), Self.client("records", audiences: [audience]),
        Self.client("records", scopes: ["record:read", "record:write"]),
    ])
    func aTokenThatItsProgramMayStillHaveGoesOn(_ now: Client) async throws {
        let records = Self.client("records")
        let world = try await world(ClientsInForce(Self.table(records)))
        let token = try await world.token(scopes: [.recordWrite], by: caller(records))
        await replace(world, Self.table(now, Self.client("billing")))
        #expect(await world.isActive(token))
        #expect(world.ledger.traces(of: .sessionReassessed).isEmpty)
    }

    @Test func aTokenOfANameThatOthersMayGoByNowDoesNotGoOn() async throws {
        let (records, billing) = (Self.client("records"), Self.client("billing"))
        let world = try await world(ClientsInForce(Self.table(records, billing)))
        let (first, second) = (try await world.token(by: caller(records)), try await world.token(by: caller(billing)))
        // An entry put between the two may take programs of the second.
        await replace(
            world,
            ClientTable(
                [ClientRule(records, uids: [1000]), ClientRule(Self.client("new"), uids: [1001]), ClientRule(billing, uids: [1001])],
                fallback: nil))
        #expect(await world.isActive(first))
        #expect(await !world.isActive(second))
    }

    @Test func withTheFirstSectionWhatEverybodyWasGivenIsLookedAt() async throws {
        let world = try await world(ClientsInForce())
        let token = try await world.token(by: caller(.anyone))
        await replace(world, Self.table(Self.client("records"), fallback: Self.client("default")))
        #expect(await !world.isActive(token))
    }

    @Test func withoutTheSectionEverythingGoesOn() async throws {
        let records = Self.client("records")
        let world = try await world(ClientsInForce(Self.table(records)))
        let token = try await world.token(by: caller(records))
        await replace(world, nil)
        #expect(await world.isActive(token))
    }

    @Test func aTokenIsNotHandedToWhoWasHeldToBeAnotherAsTheyAsked() async throws {
        let records = Self.client("records")
        let world = try await world(ClientsInForce(Self.table(records)))
        await replace(world, Self.table(Self.client("records", [.login])))
        let refusal = try await world.refusal { try await world.token(by: caller(records)) }
        #expect(refusal == Refusal(.operationDenied, ["operation": "token", "client": "records"]))
        #expect(world.ledger.issuedTokens == world.ledger.revokedTokens)
    }

    @Test func programsOnOtherMachinesAreReplacedWithTheRest() {
        let clients = ClientsInForce(Self.table(Self.client("records")), remote: RemoteClients([Self.phones]))
        #expect(clients.remote.named("rounds") == Self.phones)
        let version = clients.local.version
        let isOther = clients.replace(by: Self.table(Self.client("records")), remote: RemoteClients())
        #expect(clients.remote.named("rounds") == nil && clients.local.version == version + 1)
        #expect(!isOther("records") && !isOther("rounds"))
    }

    @Test func keySetsThatWereReadForEntriesOfBeforeAreNotTakenIn() {
        let clients = ClientsInForce()
        let version = clients.local.version
        clients.replace(remote: RemoteClients([Self.phones]), since: version)
        #expect(clients.remote.named("rounds") == Self.phones)
        _ = clients.replace(by: nil, remote: RemoteClients())
        clients.replace(remote: RemoteClients([Self.phones]), since: version)
        #expect(clients.remote.named("rounds") == nil)
    }

    @Test func serversAreToldWhereThereAreAny() async throws {
        let server = RemoteClient(
            client: Self.client("dossier", [], audiences: [Self.audience]), kind: .server(certificates: ["aa"], keys: nil))
        let clients = ClientsInForce()
        let world = try await SessionWorld(mobile: MobileRules(isEnabled: true), clients: clients)
        #expect(!world.registry.settings.tellsServers)
        clients.replace(remote: RemoteClients([server]), since: clients.local.version)
        #expect(world.registry.settings.tellsServers)
    }
}
