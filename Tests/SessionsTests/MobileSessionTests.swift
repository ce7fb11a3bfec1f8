import Audit
import Habilitation
import Identity
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

/// Sessions of phones and tablets: from which card session they open, what they follow and what they survive.
@Suite(.timeLimit(.minutes(5)))
struct MobileSessionTests {
    private static let device = RemoteClient(
        client: Client(name: RemoteClients.builtIn, operations: [.token], isConfigured: false), kind: .device
    ).client
    private static let phone = Caller(Caller.Remote(address: "192.0.2.7", device: "d1"), client: device)
    private static let other = Caller(Caller.Remote(address: "192.0.2.8", device: "d2"), client: device)
    private static let server = Caller(
        Caller.Remote(address: "192.0.2.9", device: nil),
        client: Client(name: "records", operations: [], audiences: [TestAgent.audience]))

    private static let listening = RemoteClient(client: server.client, kind: .server(certificates: ["aa"], keys: nil))

    private func world(
        _ removal: MobileRules.Removal = .survives, inactivity: Int64 = 1800, servers: [RemoteClient] = []
    ) async throws -> SessionWorld {
        let world = try await SessionWorld(
            mobile: MobileRules(isEnabled: true, inactivity: inactivity, removal: removal),
            clients: ClientsInForce(remote: RemoteClients(servers)))
        try await world.open(Sample.session("s1"))
        return world
    }

    @discardableResult
    private func admit(_ world: SessionWorld, life: Int64? = nil) async throws -> IssuedToken {
        let token: IssuedToken?
        do throws(OpeningRefusal) {
            let opened = try await world.registry.open(
                MobileAdmission(id: "m1", entry: Sample.mobile(), life: life), traces: [], effects: [], by: Self.phone,
                token: world.request(key: "key-d1"))
            token = opened.token
        } catch {
            throw error.refusal
        }
        return try #require(token)
    }

    private func state(_ world: SessionWorld) async -> Session.State? {
        await world.registry.mobileSessions.first { $0.id == "m1" }?.state
    }

    @Test func itsTokensSayMobileAndWhenThePINWasGiven() async throws {
        let world = try await world()
        world.clock.advance(seconds: 60)
        let claims = try world.claims(try await admit(world))
        #expect(claims.acr == "\(TestAgent.issuer)/acr/mobile" && claims.cps.mode == "mobile")
        #expect(claims.amr == ["sc", "pin", "mfa", "pop"] && claims.cnf?.jkt == "key-d1")
        #expect(claims.authTime == ManualClock.noon.seconds && claims.iat == ManualClock.noon.seconds + 60)
        #expect(claims.clientID == RemoteClients.builtIn && claims.cps.cardSerial == "00000001")
        #expect(world.ledger.sessions["m1"]?.expiresAt == world.clock.now().advanced(bySeconds: 14_400))
    }

    @Test func itOpensFromAGoodCardSessionAlone() async throws {
        let off = try await SessionWorld()
        try await off.open(Sample.session("s1"))
        #expect(try await off.refusal { try await admit(off) }?.code == .mobileDisabled)
        for (session, code) in [
            (try Sample.session("s1", status: .unchecked), ErrorCode.revocationStale),
            (try Sample.session("s1", mode: .degraded), .cardSessionRequired),
        ] {
            let world = try await SessionWorld(
                degraded: DegradedRules(isEnabled: true), mobile: MobileRules(isEnabled: true))
            try await world.open(session)
            #expect(try await world.refusal { try await admit(world) }?.code == code)
        }
        let gone = try await world()
        await gone.registry.end(["s1"], .logout, by: nil)
        #expect(try await gone.refusal { try await admit(gone) }?.code == .sessionEnded)
    }

    @Test func aCardThatLeavesWhileItOpensIsFollowed() async throws {
        let world = try await world(.ends)
        let gate = world.ledger.hold(.sessionOpened)
        async let refusal = world.refusal { try await admit(world) }
        await gate.reached()
        await world.registry.insertionEnded("i1", .cardRemoved)
        gate.open()
        #expect(try await refusal?.code == .sessionEnded)
        #expect(world.ledger.sessions["m1"]?.endReason == .cardRemoved)
    }

    // MARK: Whose it is

    @Test func onlyItsDeviceUsesIt() async throws {
        let world = try await world()
        try await admit(world)
        _ = try await world.token(of: "m1", key: "key-d1", by: Self.phone)
        #expect(try await world.refusal { try await world.token(of: "m1", by: .user) }?.code == .cardSessionRequired)
        #expect(try await world.refusal { try await world.token(of: "m1", by: Self.other) }?.code == .sessionNotFound)
        #expect(try await world.refusal { try await world.token(of: "m1", by: Self.server) }?.code == .operationDenied)
        #expect(try await world.refusal { try await world.token(of: "s1", by: Self.phone) }?.code == .sessionNotFound)
    }

    @Test func theWorkstationSeesAndEndsIt() async throws {
        let world = try await world()
        let token = try await admit(world)
        #expect(await world.registry.visibleSessions(to: .user).map(\.id).sorted() == ["m1", "s1"])
        #expect(await world.isActive(token, for: Self.server))
        await world.registry.end(try await world.registry.visible("m1", to: .user), by: .user)
        #expect(await !world.isActive(token, for: Self.server))
        #expect(world.ledger.sessions["m1"]?.endReason == .logout)
    }

    @Test func itGivesNoOffice() async throws {
        let world = try await world()
        try await admit(world)
        await world.registry.end(["s1"], .logout, by: nil)
        #expect(await world.registry.duty(.sessionManage, of: .user) == nil)
        #expect(await world.registry.sessions(for: .user).map(\.id) == ["m1"])
    }

    // MARK: What it survives

    @Test(arguments: [Session.EndReason.cardRemoved, .readerLost, .monitoringLost])
    func itGoesOnWhenTheCardLeaves(reason: Session.EndReason) async throws {
        let world = try await world()
        let token = try await admit(world)
        await world.registry.insertionEnded("i1", reason)
        #expect(await state(world) == .active)
        #expect(await world.isActive(token, for: Self.server))
    }

    @Test func itGoesOnWhenTheWorkstationSleepsOrIsLeft() async throws {
        let world = try await world()
        try await admit(world)
        world.clock.sleep(seconds: 3600)
        await world.registry.endAll(.suspended)
        await world.registry.sweep()
        #expect(await state(world) == .active)
        await world.registry.stop()
        #expect(await state(world) == .active)
    }

    @Test func whereItIsSaidItEndsWithTheCard() async throws {
        let world = try await world(.ends)
        let token = try await admit(world)
        await world.registry.insertionEnded("i1", .cardRemoved)
        #expect(await state(world) == nil)
        #expect(await !world.isActive(token, for: Self.server))
        let traces = world.ledger.traces(of: .sessionEnded)
        #expect(traces.map(\.session) == ["s1", "m1"] && traces.map(\.reason) == ["card_removed", "card_removed"])
    }

    @Test func whereItIsSaidItEndsSomeTimeAfterTheCard() async throws {
        let world = try await world(.limits(600))
        try await admit(world)
        world.clock.advance(seconds: 100)
        await world.registry.insertionEnded("i1", .cardRemoved)
        let end = world.clock.now().advanced(bySeconds: 600)
        #expect(world.ledger.sessions["m1"]?.expiresAt == end)
        let trace = try #require(world.ledger.traces(of: .mobileLimited).first)
        #expect(trace.reason == "card_removed" && trace.detail?["expires_at"]?.string == end.description)
        #expect(trace.detail?["device"] == "d1")
        world.clock.advance(seconds: 599)
        await world.registry.sweep()
        #expect(await state(world) == .active)
        world.clock.advance(seconds: 1)
        await world.registry.sweep()
        #expect(await state(world) == nil)
    }

    @Test func aLogoutAtTheWorkstationIsNoReasonToLimitIt() async throws {
        let world = try await world(.limits(600))
        try await admit(world)
        await world.registry.end(["s1"], .logout, by: nil)
        #expect(world.ledger.traces(of: .mobileLimited).isEmpty)
        // The card that leaves then is.
        await world.registry.insertionEnded("i1", .cardRemoved)
        #expect(world.ledger.traces(of: .mobileLimited).map(\.reason) == ["card_removed"])
    }

    @Test func aSecondLoginOnTheSameStayHidesNoRemoval() async throws {
        let world = try await world(.limits(600))
        try await admit(world)
        try await world.open(Sample.session("s2"))
        #expect(world.ledger.sessions["s1"]?.endReason == .replaced && world.ledger.traces(of: .mobileLimited).isEmpty)
        await world.registry.insertionEnded("i1", .cardRemoved)
        #expect(world.ledger.sessions["m1"]?.expiresAt == world.clock.now().advanced(bySeconds: 600))
    }

    @Test func noProgramOfTheWorkstationChoosesItsSituation() async throws {
        let world = try await world()
        try await admit(world)
        #expect(
            try await world.refusal { try await world.registry.chooseProfile("1", session: "m1", by: .user) }?.code == .cardSessionRequired)
    }

    @Test(arguments: [Session.EndReason.revoked, .accountDisabled])
    func whatIsTrueOfThePersonEndsIt(reason: Session.EndReason) async throws {
        let world = try await world()
        try await admit(world)
        await world.registry.end(["s1"], reason, by: nil)
        #expect(world.ledger.sessions["m1"]?.endReason == reason)
    }

    @Test func aCardReportedLostEndsItLongAfter() async throws {
        let world = try await world()
        try await admit(world)
        await world.registry.end(["s1"], .logout, by: nil)
        await world.registry.tookLost(
            LostCard(serial: "00000001", person: nil, name: nil, cause: .lost, by: "899900063481", at: world.clock.now()))
        #expect(world.ledger.sessions["m1"]?.endReason == .revoked)
    }

    @Test func aClosedAccountEndsIt() async throws {
        let world = try await world()
        try await admit(world)
        await world.registry.endWithoutCard(of: try Sample.holder().nationalID, .accountDisabled, by: nil)
        #expect(await state(world) == nil)
        #expect(await world.registry.isLive("i1"))
    }

    // MARK: Its end

    @Test func itEndsWhenTheDeviceIsNotHeardOf() async throws {
        let world = try await world(inactivity: 600)
        try await admit(world)
        world.clock.advance(seconds: 599)
        await world.registry.deviceActed("m1")
        world.clock.advance(seconds: 599)
        await world.registry.sweep()
        #expect(await state(world) == .active)
        // What the workstation sleeps is not the device's silence.
        world.clock.sleep(seconds: 1800)
        await world.registry.sweep()
        #expect(await state(world) == .active)
        world.clock.advance(seconds: 1)
        await world.registry.sweep()
        #expect(world.ledger.sessions["m1"]?.endReason == .inactivity)
    }

    @Test func itLastsNoLongerThanMayBe() async throws {
        let world = try await world()
        try await admit(world, life: 999_999)
        #expect(world.ledger.sessions["m1"]?.expiresAt == world.clock.now().advanced(bySeconds: 43_200))
    }

    @Test func serversHearOfItsEnd() async throws {
        let world = try await world(servers: [Self.listening])
        try await admit(world)
        await world.registry.end(["m1"], .administrator, by: nil)
        let records = world.ledger.kept(.signal)
        let signal = try #require(records.first.flatMap { Signal($0.json) })
        #expect(records.count == 1 && signal.session == "m1" && signal.reason == "administrator")
        #expect(signal.audiences == [TestAgent.audience] && signal.acknowledged.isEmpty)
    }

    @Test func serversHearNothingOfASessionWithoutTokens() async throws {
        let world = try await world(servers: [Self.listening])
        await world.registry.insertionEnded("i1", .cardRemoved)
        #expect(world.ledger.kept(.signal).isEmpty)
    }

    // MARK: After a start of the agent

    @Test func itGoesOnAfterAStart() async throws {
        let world = try await world()
        try await admit(world)
        let stored = try #require(world.ledger.sessions["m1"])
        let next = SessionWorld(like: world)
        next.clock.advance(seconds: 600)
        try await next.registry.restore([stored.json], next.ledger, floor: nil)
        #expect(await next.registry.mobileSessions == [stored])
        let token = try await next.token(of: "m1", key: "key-d1", by: Self.phone)
        #expect(try next.claims(token).sid == "m1")
    }

    @Test func oneOfACardThatWasReportedLostDoesNotGoOn() async throws {
        let world = try await world()
        try await admit(world)
        let stored = try #require(world.ledger.sessions["m1"])
        let next = SessionWorld(like: world)
        await next.registry.tookLost(
            LostCard(serial: "00000001", person: nil, name: nil, cause: .stolen, by: "899900063481", at: next.clock.now()))
        try await next.registry.restore([stored.json], next.ledger, floor: nil)
        #expect(await next.registry.mobileSessions.isEmpty)
        #expect(next.ledger.traces(of: .sessionEnded).map(\.reason) == ["revoked"])
    }

    @Test func whereItIsSaidItDoesNotGoOn() async throws {
        let world = try await world(.ends)
        #expect(!world.registry.isTakenUp(.mobile))
        let limited = try await self.world(.limits(600))
        try await admit(limited)
        let stored = try #require(limited.ledger.sessions["m1"])
        let next = SessionWorld(like: limited)
        next.clock.advance(seconds: 60)
        try await next.registry.restore([stored.json], next.ledger, floor: nil)
        next.clock.advance(seconds: 600)
        await next.registry.sweep()
        #expect(await next.registry.mobileSessions.isEmpty)
    }
}
