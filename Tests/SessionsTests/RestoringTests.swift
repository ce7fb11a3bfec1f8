import Audit
import Habilitation
import Identity
import Primitives
import Sessions
import TestSupport
import Testing

/// Sessions without the card go on after a start of the agent, until the end they had.
@Suite(.timeLimit(.minutes(5)))
struct RestoringTests {
    private static let rules = DegradedRules(isEnabled: true, reasons: ["r"])

    private static func session(situations: [Situation] = []) throws -> Session {
        let id = try Sample.holder().nationalID
        let holder = Holder(
            nationalID: id, familyName: "LIBRE", givenName: "MAX", structureID: StructureID("499900063480001"),
            profession: Profession(code: "10"), knowHow: ["SM26"], card: Holder.Card(type: .cps), isTest: true)
        return try Sample.session("s1", holder: holder, mode: .degraded, life: 1800, situations: situations)
    }

    /// A run of the agent some seconds after a session opened in the one before.
    private static func restarted(
        after seconds: Int64, _ stored: JSON, floor: Int64? = nil, rules: DegradedRules = rules
    ) async throws -> SessionWorld {
        let world = try await SessionWorld(degraded: rules)
        world.clock.advance(seconds: seconds)
        try await world.registry.restore([stored], world.ledger, floor: floor.map { ManualClock.noon.advanced(bySeconds: $0) })
        return world
    }

    @Test func whatIsReadIsWhatWasWritten() async throws {
        let here = Situation(id: "1", profession: "10", knowHow: ["SM26"], sector: "SA07", mode: "L", structure: nil, label: "Cabinet")
        let there = Situation(id: "2", profession: "10")
        var waiting = try Self.session(situations: [here, there])
        waiting.scopes = []
        for session in [try Self.session(), try Self.session(situations: [here]), waiting] {
            let world = try await Self.restarted(after: 60, session.json)
            #expect(await world.registry.sessions(for: .user) == [session])
            #expect(world.ledger.commits.isEmpty)
        }
    }

    @Test func itEndsWhenItWouldHave() async throws {
        let world = try await Self.restarted(after: 1000, try Self.session().json)
        world.clock.advance(seconds: 799)
        #expect(try await world.registry.present("s1", for: .user).state == .active)
        _ = try await world.token()
        world.clock.advance(seconds: 1)
        await world.registry.sweep()
        #expect(world.ledger.sessions["s1"]?.endReason == .expired)
    }

    @Test func oneWhoseTimeIsOverIsEnded() async throws {
        let world = try await Self.restarted(after: 1800, try Self.session().json)
        #expect(await world.registry.sessions(for: .user).isEmpty)
        let trace = try #require(world.ledger.traces(of: .sessionEnded).first)
        #expect(trace.reason == "expired" && trace.session == "s1" && trace.mode == "degraded")
    }

    @Test func clockSetBackBelowTheFloorProlongsNothing() async throws {
        let world = try await Self.restarted(after: 10, try Self.session().json, floor: 1800)
        #expect(world.ledger.traces(of: .sessionEnded).map(\.reason) == ["expired"])
    }

    @Test func oneFromTheFutureIsEnded() async throws {
        let world = try await Self.restarted(after: -10, try Self.session().json)
        #expect(world.ledger.traces(of: .sessionEnded).map(\.reason) == ["clock"])
    }

    @Test func shorterRuleOfNowCutsIt() async throws {
        let rules = DegradedRules(isEnabled: true, usual: 300, longest: 300, reasons: ["r"])
        let world = try await Self.restarted(after: 299, try Self.session().json, rules: rules)
        #expect(try await world.registry.present("s1", for: .user).state == .active)
        world.clock.advance(seconds: 1)
        #expect(try await world.refusal { try await world.registry.present("s1", for: .user) }?.code == .sessionEnded)
    }

    @Test(arguments: [
        "mode", "uid", "state", "degraded", "holder", "profiles", "scopes", "acr", "amr", "test", "opened_at", "expires_at",
    ])
    func whatCannotBeReadIsEndedWithATrace(missing: String) async throws {
        var stored = try Self.session().json
        stored = stored.with(missing, missing == "mode" ? "degraded" : .null)
        if missing == "mode" { stored = stored.with("state", "locked") }
        let world = try await Self.restarted(after: 1, stored)
        #expect(await world.registry.sessions(for: .root).isEmpty)
        #expect(world.ledger.traces(of: .sessionEnded).map(\.reason) == ["agent_restarted"])
    }

    @Test func cardSessionsAreNotRestored() async throws {
        let world = try await Self.restarted(after: 1, try Sample.session("s1").json)
        #expect(await world.registry.sessions(for: .root).isEmpty && world.ledger.commits.isEmpty)
    }

    @Test func tokensOfBeforeAreDead() async throws {
        let before = try await SessionWorld(degraded: Self.rules)
        try await before.open(try Self.session())
        let token = try await before.token()
        let after = SessionWorld(like: before)
        try await after.registry.restore([try Self.session().json], after.ledger, floor: nil)
        #expect(await before.isActive(token))
        #expect(await after.registry.introspect(token.accessToken, by: .user) == nil)
        #expect(await after.isActive(try await after.token()))
    }

    @Test func rightsAreThoseOfTheMatrixOfNow() async throws {
        let session = try Self.session()
        let stored = session.json.with("scopes", ["identity:read", "record:write"])
        let world = try await Self.restarted(after: 1, stored)
        #expect(try await world.registry.present("s1", for: .user).scopes == session.scopes)
        let trace = try #require(world.ledger.traces(of: .sessionReassessed).first)
        #expect(trace.detail?["scopes_before"] == ["identity:read", "record:write"])
    }
}
