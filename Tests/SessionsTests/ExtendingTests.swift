import Audit
import Primitives
import Sessions
import TestSupport
import Testing

/// Sessions without the card are warned of before their end, and may be made longer.
@Suite(.timeLimit(.minutes(5)))
struct ExtendingTests {
    private static func world(longest: Int64 = 14_400, vouched: Int64 = 43_200) async throws -> SessionWorld {
        try await SessionWorld(degraded: DegradedRules(isEnabled: true, usual: 1800, longest: longest, vouched: vouched, reasons: ["r"]))
    }

    @Test func extensionCountsFromNowAndIsTraced() async throws {
        let world = try await Self.world()
        try await world.open(try Sample.session("s1", mode: .degraded, life: 1800))
        world.clock.advance(seconds: 1600)
        let session = try await world.registry.extend("s1", by: 600, .user)
        #expect(session.expiresAt == ManualClock.noon.advanced(bySeconds: 2200))
        let trace = try #require(world.ledger.traces(of: .sessionExtended).first)
        #expect(trace.outcome == .granted && trace.session == "s1" && trace.mode == "degraded")
        #expect(trace.detail?["before"]?.string == ManualClock.noon.advanced(bySeconds: 1800).description)
        #expect(trace.detail?["expires_at"]?.string == session.expiresAt.description)
        #expect(world.ledger.sessions["s1"]?.expiresAt == session.expiresAt)
        world.clock.advance(seconds: 599)
        #expect(try await world.registry.present("s1", for: .user).state == .active)
        world.clock.advance(seconds: 1)
        #expect(try await world.refusal { try await world.registry.present("s1", for: .user) }?.members["end_reason"] == "expired")
    }

    @Test func withoutAWishItIsTheUsualTime() async throws {
        let world = try await Self.world()
        try await world.open(try Sample.session("s1", mode: .degraded, life: 1800))
        world.clock.advance(seconds: 100)
        #expect(try await world.registry.extend("s1", by: nil, .user).expiresAt == ManualClock.noon.advanced(bySeconds: 1900))
    }

    @Test func noExtensionGoesBeyondTheLongest() async throws {
        let world = try await Self.world(longest: 2000)
        try await world.open(try Sample.session("s1", mode: .degraded, life: 1800))
        world.clock.advance(seconds: 1500)
        #expect(try await world.registry.extend("s1", by: .max, .user).expiresAt == ManualClock.noon.advanced(bySeconds: 2000))
        let refusal = try await world.refusal { try await world.registry.extend("s1", by: 1800, .user) }
        #expect(refusal?.code == .sessionNotExtendable && refusal?.members["longest"] == 2000)
        #expect(world.ledger.traces(of: .sessionRefused).map(\.code) == ["session_not_extendable"])
    }

    @Test func shorterWishIsNoExtension() async throws {
        let world = try await Self.world()
        try await world.open(try Sample.session("s1", mode: .degraded, life: 1800))
        #expect(try await world.refusal { try await world.registry.extend("s1", by: 60, .user) }?.code == .sessionNotExtendable)
    }

    @Test func cardSessionIsNotExtended() async throws {
        let world = try await Self.world()
        try await world.open(try Sample.session("s1"))
        #expect(try await world.refusal { try await world.registry.extend("s1", by: 600, .user) }?.code == .sessionNotExtendable)
    }

    @Test func othersExtendNothing() async throws {
        let world = try await Self.world()
        try await world.open(try Sample.session("s1", mode: .degraded, life: 1800))
        #expect(try await world.refusal { try await world.registry.extend("s1", by: 600, .other) }?.code == .sessionNotFound)
        let viewer = Caller(uid: 1000, gid: 1000, pid: 7, client: Client(name: "viewer", operations: [.token]))
        #expect(try await world.refusal { try await world.registry.extend("s1", by: 600, viewer) }?.code == .operationDenied)
    }

    @Test func extensionThatCannotBeTracedDoesNotHappen() async throws {
        let world = try await Self.world()
        try await world.open(try Sample.session("s1", mode: .degraded, life: 1800))
        world.clock.advance(seconds: 1700)
        world.ledger.setFails(true)
        #expect(try await world.refusal { try await world.registry.extend("s1", by: 600, .user) }?.code == .traceUnavailable)
        world.clock.advance(seconds: 100)
        #expect(try await world.refusal { try await world.registry.present("s1", for: .user) }?.code == .sessionEnded)
    }

    @Test func endIsToldFiveMinutesBeforeAndAgainAfterAnExtension() async throws {
        let world = try await Self.world()
        try await world.open(try Sample.session("s1", mode: .degraded, life: 1800))
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("s2", insertion: "i2", holder: try Sample.holder("899900099999"), life: 1800))
        let events = world.hub.subscribe(uid: 1000, after: nil)
        world.clock.advance(seconds: 1499)
        await world.registry.sweep()
        world.clock.advance(seconds: 1)
        await world.registry.sweep()
        await world.registry.sweep()
        _ = try await world.registry.extend("s1", by: 400, .user)
        await world.registry.sweep()
        world.clock.advance(seconds: 100)
        await world.registry.sweep()
        world.hub.finish()
        var told: [JSON] = []
        for await event in events.events where event.event.data["expires_soon"] == true { told.append(event.event.data["id"] ?? .null) }
        #expect(told == ["s1", "s1"])
    }
}
