import Audit
import DegradedLogin
import Habilitation
import Identity
import Primitives
import Sessions
import TestSupport
import Testing

/// What a session without the card may, and what ends it.
@Suite(.timeLimit(.minutes(5)))
struct DegradedSessionTests {
    @Test func cardLoginOfTheSamePersonEndsItWhosesoeverUserItIs() async throws {
        let world = try await DegradedWorld()
        let mine = try await world.logIn().session
        let theirs = try await world.logIn(by: .other).session
        let events = world.hub.subscribe(uid: 0, after: nil)
        _ = try await world.registry.open(try Sample.session("s1"), traces: [], by: .user, token: nil)
        for id in [mine.id, theirs.id] {
            #expect(world.ledger.sessions[id]?.endReason == .replaced)
            #expect(try await world.refusal { try await world.registry.present(id, for: .root) }?.code == .sessionEnded)
        }
        #expect(world.ledger.commits.last?.drafts.map(\.event) == [.sessionEnded, .sessionEnded, .sessionOpened])
        world.hub.finish()
        var told: Set<String> = []
        for await event in events.events where event.event.data["state"] == "ended" { told.insert(event.event.data["id"]?.string ?? "") }
        #expect(told == [mine.id, theirs.id])
    }

    @Test func cardLoginOfSomebodyElseLeavesIt() async throws {
        let world = try await DegradedWorld()
        let session = try await world.logIn().session
        let other = try Sample.session("s1", holder: try Sample.holder("899900099999"))
        _ = try await world.registry.open(other, traces: [], by: .user, token: nil)
        #expect(try await world.registry.present(session.id, for: .user).state == .active)
    }

    @Test func insertedCardAloneLeavesIt() async throws {
        let world = try await DegradedWorld()
        let session = try await world.logIn().session
        await world.registry.insertionBegan("i2")
        await world.registry.insertionEnded("i1", .cardRemoved)
        #expect(try await world.registry.present(session.id, for: .user).state == .active)
    }

    @Test func sleepCountsToItsEndAndDoesNotEndIt() async throws {
        let world = try await DegradedWorld()
        var watch = ClockWatch(world.clock)
        let session = try await world.logIn().session
        world.clock.sleep(seconds: 1799)
        await world.registry.take(watch.look())
        #expect(try await world.registry.present(session.id, for: .user).state == .active)
        world.clock.sleep(seconds: 1)
        // Over before anybody has looked.
        #expect(
            try await world.refusal { try await world.registry.present(session.id, for: .user) }
                == Refusal(.sessionEnded, ["end_reason": "expired"]))
        await world.registry.sweep()
        #expect(world.ledger.sessions[session.id]?.endReason == .expired)
    }

    @Test func nothingIsSignedInIt() async throws {
        let world = try await DegradedWorld()
        let session = try await world.logIn().session
        #expect(try await world.refusal { try await world.registry.signable(session.id, for: .user) }?.code == .cardSessionRequired)
        #expect(world.ledger.traces(of: .signatureRefused).map(\.code) == ["card_session_required"])
    }

    @Test func nobodyAdministersFromIt() async throws {
        let world = try await DegradedWorld()
        _ = try await world.logIn()
        for scope in [Scope.sessionManage, .accountManage, .auditRead, .auditRetain, .emergencyReview] {
            #expect(await world.registry.duty(scope, of: .user) == nil)
        }
    }

    @Test func itIsNotLockedSinceNothingCouldUnlockIt() async throws {
        let world = try await DegradedWorld()
        let session = try await world.logIn().session
        #expect(try await world.refusal { try await world.registry.lock(session.id, by: .user) }?.code == .cardSessionRequired)
        #expect(try await world.registry.present(session.id, for: .user).state == .active)
    }

    @Test func reasonOfALossKeepsTheCardFromBeingUsed() async throws {
        let world = try await DegradedWorld()
        var card = try Sample.session("s1")
        _ = try await world.registry.open(card, traces: [], by: .other, token: nil)
        let session = try await world.logIn(world.request(reason: "card_stolen")).session
        let last = try #require(world.ledger.commits.first { $0.drafts.map(\.event).contains(.cardReportedLost) })
        #expect(last.drafts.map(\.event) == [.cardReportedLost, .sessionOpened])
        #expect(last.drafts.first?.reason == "stolen" && last.drafts.first?.card?["serial"] == "00000001")
        #expect(world.registry.lostCards.card("00000001")?.person == session.holder.nationalID.text)
        card = try #require(world.ledger.sessions["s1"])
        #expect(card.endReason == .revoked)
        // Once: the next login finds it reported.
        try await world.logIn(world.request(reason: "card_lost"))
        #expect(world.ledger.traces(of: .cardReportedLost).count == 1)
    }

    @Test func logoutEndsIt() async throws {
        let world = try await DegradedWorld()
        let session = try await world.logIn().session
        await world.registry.end(session, by: .user)
        #expect(world.ledger.sessions[session.id]?.endReason == .logout)
    }

    @Test func homologationThatHasEndedWarnsAndKeepsNobodyOut() async throws {
        let world = try await DegradedWorld()
        #expect(world.desk.rules.warning(at: world.clock.now()) == nil)
        world.clock.advance(seconds: 86_401)
        let warning = try #require(world.desk.rules.warning(at: world.clock.now()))
        #expect(warning.english.contains("(H-12) ended") && warning.french.contains("(H-12) a pris fin"))
        #expect(world.desk.rules.json(at: world.clock.now())["homologation"]?["expired"] == true)
        #expect(try await world.logIn().session.state == .active)
    }
}
