import Audit
import Primitives
import Sessions
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct EndingTests {
    @Test(arguments: [Session.EndReason.cardRemoved, .readerLost, .monitoringLost])
    func endOfTheStayEndsItsSessions(reason: Session.EndReason) async throws {
        let world = try await SessionWorld()
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("s1"))
        try await world.open(try Sample.session("s2", insertion: "i2", uid: 1001))
        let token = try await world.token()
        await world.registry.insertionEnded("i1", reason)
        #expect(await !world.isActive(token))
        #expect(await world.registry.sessions(for: .root).map(\.id) == ["s2"])
        let trace = try #require(world.ledger.traces(of: .sessionEnded).first)
        #expect(trace.reason == reason.rawValue)
        #expect(trace.session == "s1")
        #expect(world.ledger.sessions["s1"]?.endReason == reason)
        #expect(try await world.refusal { try await world.token() } == Refusal(.sessionEnded, ["end_reason": .string(reason.rawValue)]))
    }

    @Test func newStayRevivesNothing() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        await world.registry.insertionEnded("i1", .cardRemoved)
        await world.registry.insertionBegan("i2")
        #expect(await !world.isActive(token))
        try await world.open(try Sample.session("s2", insertion: "i2"))
        #expect(await !world.isActive(token))
    }

    @Test func sessionIsDeadBeforeItsEndIsWritten() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        let gate = world.ledger.hold(.sessionEnded)
        async let ending: Void = world.registry.insertionEnded("i1", .cardRemoved)
        await gate.reached()
        #expect(await !world.isActive(token))
        #expect(try await world.refusal { try await world.token() }?.code == .sessionEnded)
        gate.open()
        await ending
    }

    @Test func whatIsOverMayUseTheReserveAndWhatBeginsMayNot() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        _ = try await world.token()
        _ = try await world.registry.lock("s1", by: .user)
        await world.registry.insertionEnded("i1", .cardRemoved)
        let urgencies = world.ledger.commits.map { ($0.drafts.map(\.event), $0.urgency) }
        #expect(!urgencies.isEmpty)
        for (events, urgency) in urgencies {
            let isOver = events.contains(.sessionEnded) || events.contains(.sessionLocked)
            #expect(urgency == (isOver ? .ending : .ordinary), "\(events)")
        }
    }

    @Test func endIsServedAndWrittenLaterWhenTheLedgerFails() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        world.ledger.setFails(true)
        await world.registry.end(["s1"], .logout, by: .user)
        #expect(await !world.isActive(token))
        #expect(world.ledger.traces(of: .sessionEnded).isEmpty)
        #expect(!world.reports.all.isEmpty)
        world.ledger.setFails(false)
        await world.registry.sweep()
        #expect(world.ledger.traces(of: .sessionEnded).map(\.session) == ["s1"])
        #expect(world.ledger.sessions["s1"]?.endReason == .logout)
        await world.registry.sweep()
        #expect(world.ledger.traces(of: .sessionEnded).count == 1)
    }

    @Test func suspensionEndsCardSessionsOnly() async throws {
        let world = try await SessionWorld()
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("s1"))
        try await world.open(try Sample.session("s2", insertion: "i2", mode: .degraded))
        await world.registry.endAll(.suspended)
        #expect(await world.registry.sessions(for: .user).map(\.id) == ["s2"])
        #expect(try await world.registry.session("s1", for: .user).endReason == .suspended)
    }

    @Test func endingTwiceIsTracedOnce() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        await world.registry.end(["s1", "s1", "none"], .logout, by: .user)
        await world.registry.end(["s1"], .administrator, by: .root)
        #expect(world.ledger.traces(of: .sessionEnded).count == 1)
        #expect(try await world.registry.session("s1", for: .user).endReason == .logout)
    }

    @Test func rootEndsAsAnAdministratorUnlessItSaysThatTheHolderLogsOut() async throws {
        let world = try await SessionWorld()
        let one = try await world.open(try Sample.session("s1")).session
        await world.registry.end(one, by: .root, isLogout: true)
        #expect(world.ledger.traces(of: .sessionEnded).map(\.reason) == ["logout"])
        let other = try await world.open(try Sample.session("s2")).session
        await world.registry.end(other, by: .root)
        #expect(world.ledger.traces(of: .sessionEnded).map(\.reason) == ["logout", "administrator"])
    }

    @Test func sessionEndsAtItsLongestLife() async throws {
        let world = try await SessionWorld(longest: 600)
        try await world.open(try Sample.session("s1", life: 600))
        world.clock.advance(seconds: 599)
        await world.registry.sweep()
        #expect(try await world.registry.session("s1", for: .user).state == .active)
        world.clock.advance(seconds: 1)
        // Over even before anybody swept.
        #expect(try await world.refusal { try await world.token() }?.code == .sessionEnded)
        await world.registry.sweep()
        #expect(try await world.registry.session("s1", for: .user).endReason == .expired)
    }

    @Test func inactivityLocksACardSessionAndActivityKeepsIt() async throws {
        let world = try await SessionWorld(inactivity: 300)
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        world.clock.advance(seconds: 299)
        _ = try await world.registry.touch("s1", for: .user)
        world.clock.advance(seconds: 299)
        await world.registry.sweep()
        #expect(try await world.registry.session("s1", for: .user).state == .active)
        let late = try await world.token()
        world.clock.advance(seconds: 1)
        // Locked even before anybody swept; and no sign of activity comes too late.
        #expect(await !world.isActive(late))
        #expect(try await world.refusal { try await world.token() }?.code == .sessionLocked)
        #expect(try await world.refusal { try await world.registry.touch("s1", for: .user) }?.code == .sessionLocked)
        await world.registry.sweep()
        await world.registry.sweep()
        #expect(try await world.registry.session("s1", for: .user).state == .locked)
        let traces = world.ledger.traces(of: .sessionLocked)
        #expect(traces.map(\.reason) == ["inactivity"] && traces.first?.outcome == .info)
        #expect(world.ledger.sessions["s1"]?.state == .locked)
        #expect(await !world.isActive(token))
    }

    @Test
    func inactivityEndsASessionThatHasNoCardToUnlockItBy() async throws {
        let world = try await SessionWorld(inactivity: 300)
        try await world.open(try Sample.session("s1", mode: .degraded))
        world.clock.advance(seconds: 300)
        #expect(try await world.refusal { try await world.token() }?.members["end_reason"] == "inactivity")
        await world.registry.sweep()
        #expect(try await world.registry.session("s1", for: .user).endReason == .inactivity)
    }

    @Test func aLockedSessionEndsWhenItsTimeIsOver() async throws {
        let world = try await SessionWorld(inactivity: 300, longest: 600)
        try await world.open(try Sample.session("s1", life: 600))
        world.clock.advance(seconds: 300)
        await world.registry.sweep()
        world.clock.advance(seconds: 300)
        await world.registry.sweep()
        #expect(try await world.registry.session("s1", for: .user).endReason == .expired)
    }

    @Test(arguments: [Int64(-86_400), 86_400])
    func wallClockNeitherEndsNorProlongsASession(jump: Int64) async throws {
        let world = try await SessionWorld(inactivity: 300, longest: 600)
        try await world.open(try Sample.session("s1", life: 600))
        world.clock.setWall(forwardBy: jump)
        await world.registry.sweep()
        #expect(try await world.registry.session("s1", for: .user).state == .active)
        #expect(try await world.token().expiresIn == 120)
        world.clock.advance(seconds: 600)
        await world.registry.sweep()
        #expect(try await world.registry.session("s1", for: .user).state == .ended)
    }

    @Test func onlyTheOwnerAndRootSeeASession() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        #expect(await world.registry.sessions(for: .other).isEmpty)
        #expect(await world.registry.sessions(for: .root).count == 1)
        for id in ["s1", "nobody's"] {
            #expect(try await world.refusal { try await world.registry.session(id, for: .other) }?.code == .sessionNotFound)
            #expect(try await world.refusal { try await world.registry.touch(id, for: .other) }?.code == .sessionNotFound)
            #expect(try await world.refusal { try await world.token(of: id, by: .other) }?.code == .sessionNotFound)
        }
    }

    @Test func endedSessionsAreRememberedButNotForEver() async throws {
        let world = try await SessionWorld()
        for number in 0..<300 { try await world.open(try Sample.session("s\(number)")) }
        #expect(try await world.registry.session("s298", for: .user).endReason == .replaced)
        #expect(try await world.refusal { try await world.registry.session("s0", for: .user) }?.code == .sessionNotFound)
    }

    @Test func endIsToldToTheOwnerAlone() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let (mine, others) = (world.hub.subscribe(uid: 1000, after: nil), world.hub.subscribe(uid: 1001, after: nil))
        await world.registry.end(["s1"], .logout, by: .user)
        world.hub.finish()
        var heard: [String?] = []
        for await event in mine.events { heard.append(event.event.data["end_reason"]?.string) }
        #expect(heard == ["logout"])
        for await event in others.events { Issue.record("another user heard \(event.event.kind)") }
    }
}
