import Audit
import Habilitation
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(5)))
struct OpeningTests {
    @Test func sessionAndItsTokenAreOneCommit() async throws {
        let world = try await SessionWorld()
        let session = try Sample.session("s1")
        var earlier = TraceDraft(.pinVerified, .granted, at: world.clock.now())
        earlier.session = "s1"
        _ = try await world.registry.open(session, traces: [earlier], by: .user, token: world.request())
        #expect(world.ledger.commits.count == 1)
        #expect(world.ledger.events == [.pinVerified, .sessionOpened, .tokenIssued])
        let effects = try #require(world.ledger.commits.first).effects
        #expect(effects.first == .session(session))
        #expect(effects.count == 2)
    }

    @Test func tokenNamesTheSequenceOfItsTrace() async throws {
        let world = try await SessionWorld()
        let first = try #require(try await world.open(try Sample.session("s1"), token: world.request()).token)
        #expect(try world.claims(first).cps.trace == 1)
        let second = try await world.token()
        #expect(try world.claims(second).cps.trace == 2)
        #expect(world.ledger.traces[2].event == .tokenIssued)
    }

    @Test func nothingOpensWhenTheLedgerFails() async throws {
        let world = try await SessionWorld()
        let old = try Sample.session("s1")
        try await world.open(old)
        world.ledger.setFails(true)
        let refusal = try await world.refusal { try await world.open(try Sample.session("s2"), token: world.request()) }
        #expect(refusal?.code == .traceUnavailable)
        // The session that was to be replaced goes on.
        #expect(await world.registry.sessions(for: .user) == [old])
        world.ledger.setFails(false)
        try await world.open(try Sample.session("s3"))
        #expect(await world.registry.sessions(for: .user).map(\.id) == ["s3"])
    }

    @Test func nothingOpensOnAStayThatIsOver() async throws {
        let world = try await SessionWorld()
        await world.registry.insertionEnded("i1", .cardRemoved)
        #expect(try await world.refusal { try await world.open(try Sample.session("s1")) }?.code == .cardRemoved)
        #expect(world.ledger.commits.isEmpty)
    }

    @Test func secondLoginOnTheSameStayReplacesTheFirst() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        try await world.open(try Sample.session("s2"))
        #expect(await !world.isActive(token))
        #expect(try await world.registry.session("s1", for: .user).endReason == .replaced)
        #expect(world.ledger.commits.last?.drafts.map(\.event) == [.sessionEnded, .sessionOpened])
        #expect(world.ledger.sessions["s1"]?.state == .ended)
    }

    @Test func anotherUsersSessionOnTheSameStayStays() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        try await world.open(try Sample.session("s2", uid: 1001))
        #expect(try await world.registry.session("s1", for: .user).state == .active)
    }

    @Test func anotherHolderLocksTheFirstSession() async throws {
        let world = try await SessionWorld()
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        let subscription = world.hub.subscribe(uid: 1000, after: nil)
        try await world.open(try Sample.session("s2", insertion: "i2", holder: try Sample.holder("899900063481")))
        #expect(try await world.registry.session("s1", for: .user).state == .locked)
        #expect(await !world.isActive(token))
        #expect(world.ledger.sessions["s1"]?.state == .locked)
        #expect(try await world.refusal { try await world.token() }?.code == .sessionLocked)
        var events = subscription.events.makeAsyncIterator()
        let event = try #require(await events.next()).event
        #expect(event.data["id"]?.string == "s1")
        #expect(event.data["reason"]?.string == "holder_changed")
    }

    @Test func sameHolderOnAnotherReaderLocksNothing() async throws {
        let world = try await SessionWorld()
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("s1"))
        try await world.open(try Sample.session("s2", insertion: "i2"))
        #expect(try await world.registry.session("s1", for: .user).state == .active)
    }

    // MARK: While the trace is being written

    @Test(arguments: [Session.EndReason.cardRemoved, .readerLost, .monitoringLost])
    func stayThatEndsWhileTheTraceIsWrittenEndsTheSession(reason: Session.EndReason) async throws {
        let world = try await SessionWorld()
        let gate = world.ledger.hold(.sessionOpened)
        let session = try Sample.session("s1")
        let subscription = world.hub.subscribe(uid: 1000, after: nil)
        async let opening = world.refusal { try await world.open(session, token: world.request()) }
        await gate.reached()
        await world.registry.insertionEnded("i1", reason)
        gate.open()
        #expect(try await opening?.code == .cardRemoved)
        #expect(await world.registry.sessions(for: .user).isEmpty)
        #expect(try await world.registry.session("s1", for: .user).endReason == reason)
        #expect(world.ledger.sessions["s1"]?.endReason == reason)
        world.hub.finish()
        for await event in subscription.events { #expect(event.event.data["state"]?.string == "ended") }
    }

    @Test func suspensionWhileTheTraceIsWrittenEndsTheSession() async throws {
        let world = try await SessionWorld()
        let gate = world.ledger.hold(.sessionOpened)
        let session = try Sample.session("s1")
        async let opening = world.refusal { try await world.open(session, token: world.request()) }
        await gate.reached()
        await world.registry.endAll(.suspended)
        gate.open()
        #expect(try await opening?.code == .sessionEnded)
        #expect(await world.registry.sessions(for: .user).isEmpty)
        #expect(world.ledger.sessions["s1"]?.endReason == .suspended)
    }

    @Test func twoOpeningsOnOneStayLeaveOneSession() async throws {
        let world = try await SessionWorld()
        let gate = world.ledger.hold(.sessionOpened)
        let (first, second) = (try Sample.session("s1"), try Sample.session("s2"))
        async let one = world.refusal { try await world.open(first) }
        await gate.reached()
        async let two = world.refusal { try await world.open(second) }
        await Task.yield()
        gate.open()
        #expect(try await one == nil)
        #expect(try await two == nil)
        let live = await world.registry.sessions(for: .user)
        #expect(live.count == 1)
        #expect(world.ledger.sessions.values.filter { $0.state == .active }.map(\.id) == live.map(\.id))
    }

    @Test func twoHoldersOpeningAtOnceLeaveOneUnlocked() async throws {
        let world = try await SessionWorld()
        await world.registry.insertionBegan("i2")
        let gate = world.ledger.hold(.sessionOpened)
        let first = try Sample.session("s1")
        let second = try Sample.session("s2", insertion: "i2", holder: try Sample.holder("899900063481"))
        async let one = world.refusal { try await world.open(first) }
        await gate.reached()
        async let two = world.refusal { try await world.open(second) }
        await Task.yield()
        gate.open()
        _ = try await (one, two)
        #expect(await world.registry.sessions(for: .user).filter { $0.state == .active }.count == 1)
    }

    @Test func sessionThatEndsWhileItIsReplacedKeepsItsReason() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let gate = world.ledger.hold(.sessionOpened)
        let second = try Sample.session("s2")
        async let opening = world.refusal { try await world.open(second) }
        await gate.reached()
        await world.registry.end(["s1"], .logout, by: .user)
        gate.open()
        #expect(try await opening == nil)
        #expect(try await world.registry.session("s1", for: .user).endReason == .logout)
        #expect(await world.registry.sessions(for: .user).map(\.id) == ["s2"])
    }
}
