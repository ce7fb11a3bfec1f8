import Audit
import Foundation
import Identity
import MobileSessions
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(2)))
struct SignalTests {
    private static let records = Client(name: "records-server", operations: [], audiences: [TestAgent.audience])
    private static let mirror = Client(name: "mirror", operations: [], audiences: [TestAgent.audience])
    private static let other = Client(name: "other", operations: [], audiences: ["https://other.example"])

    private static func world(
        pause: @escaping @Sendable (Duration) async throws -> Void = { _ in }
    ) async throws -> MobileWorld {
        let servers = [records, mirror, other].map { RemoteClient(client: $0, kind: .server(certificates: [], keys: nil)) }
        return try await MobileWorld(
            rules: MobileRules(isEnabled: true), clients: RemoteClients(servers), pause: pause)
    }

    private static func poll(
        _ world: MobileWorld, _ server: Client = records, acknowledging ids: [String] = [], most: Int = 10, waits: Bool = false
    ) async throws -> SignalPage {
        try await world.desk.poll(acknowledged: ids, errors: [], most: most, waits: waits, by: server)
    }

    /// Header and claims of a signed text.
    private static func parts(_ text: String) throws -> (header: JSON, claims: JSON) {
        let parts = text.split(separator: ".").map(String.init)
        func decoded(_ part: String) throws -> JSON {
            try JSONDecoder().decode(JSON.self, from: Data(try #require(Base64URL.decode(part))))
        }
        return (try decoded(parts[0]), try decoded(parts[1]))
    }

    @Test func serverHearsWhichSessionEnded() async throws {
        let world = try await Self.world()
        let tokens = try await world.letIn()
        #expect(try await Self.poll(world).signals.isEmpty)
        await world.registry.end([tokens.session], .revoked, by: nil)
        let signal = try #require(try await Self.poll(world).signals.first)
        let (header, claims) = try Self.parts(signal.token)
        #expect(header["typ"] == "secevent+jwt" && header["alg"] == "ES256" && header["kid"]?.string == world.agent.signer.currentKeyID)
        #expect(claims["jti"]?.string == signal.id && claims["aud"] == "records-server" && claims["iss"] == .string(TestAgent.issuer))
        #expect(claims["sid"]?.string == tokens.session && claims["exp"] == nil)
        #expect(claims["sub_id"]?["format"] == "iss_sub" && claims["sub_id"]?["sub"]?.string == world.session.holder.nationalID.text)
        let event = claims["events"]?["https://schemas.openid.net/secevent/caep/event-type/session-revoked"]
        #expect(event?["initiating_entity"] == "policy" && event?["event_timestamp"] == .int(ManualClock.noon.seconds))
        // It is no access token.
        #expect(throws: TokenRefusal.wrongType) { try world.agent.signer.authentic(signal.token) }
        #expect(try await Self.poll(world, Self.other).signals.isEmpty)
    }

    @Test func signalIsForgottenWhenAllHaveHeardIt() async throws {
        let world = try await Self.world()
        let tokens = try await world.letIn()
        await world.registry.end([tokens.session], .logout, by: nil)
        let id = try #require(try await Self.poll(world).signals.first?.id)
        // Who does not serve it has nothing to say about it.
        _ = try await Self.poll(world, Self.other, acknowledging: [id])
        #expect(try await Self.poll(world, acknowledging: [id]).signals.isEmpty)
        #expect(world.ledger.kept(.signal).count == 1)
        #expect(try await Self.poll(world, Self.mirror).signals.map(\.id) == [id])
        _ = try await Self.poll(world, Self.mirror, acknowledging: [id, "nonsense"])
        #expect(world.ledger.kept(.signal).isEmpty)
    }

    @Test func pagesAreAsLongAsAskedFor() async throws {
        let world = try await Self.world()
        for _ in 0..<3 { await world.registry.end([try await world.letIn().session], .logout, by: nil) }
        let page = try await Self.poll(world, most: 2)
        #expect(page.signals.count == 2 && page.moreAvailable)
        let rest = try await Self.poll(world, acknowledging: page.signals.map(\.id), most: 2)
        #expect(rest.signals.count == 1 && !rest.moreAvailable)
        #expect(try await Self.poll(world, most: 0) == SignalPage(signals: [], moreAvailable: true))
    }

    @Test func whoWaitsHearsAtOnce() async throws {
        let gate = Gate()
        // Time never passes: only news end the waiting.
        let world = try await Self.world { _ in
            await gate.pass()
            try await Task.sleep(for: .seconds(3600))
        }
        let tokens = try await world.letIn()
        async let page = Self.poll(world, waits: true)
        await gate.reached()
        gate.open()
        await world.registry.end([tokens.session], .logout, by: nil)
        #expect(try await page.signals.count == 1)
    }

    @Test func whoWaitsInVainGetsNothingAfterAWhile() async throws {
        let world = try await Self.world()
        #expect(try await Self.poll(world, waits: true) == SignalPage(signals: [], moreAvailable: false))
    }

    @Test func oldSignalsAreForgotten() async throws {
        let world = try await Self.world()
        await world.registry.end([try await world.letIn(life: 600).session], .logout, by: nil)
        await world.desk.look()
        #expect(world.ledger.kept(.signal).count == 1)
        world.clock.advance(seconds: 900)
        #expect(try await Self.poll(world).signals.isEmpty)
        await world.desk.look()
        #expect(world.ledger.kept(.signal).isEmpty)
    }

    @Test func unreadableStoreIsTold() async throws {
        let world = try await Self.world()
        await world.registry.end([try await world.letIn().session], .logout, by: nil)
        let id = try #require(try await Self.poll(world).signals.first?.id)
        world.ledger.setFails(true)
        await #expect(throws: MobileRefusal(.temporarilyUnavailable)) { try await Self.poll(world, acknowledging: [id]) }
    }
}
