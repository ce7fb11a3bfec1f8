import Audit
import BreakGlass
import Habilitation
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

struct ReviewTests {
    @Test func reviewIsTracedAndKept() async throws {
        let world = try await ReviewWorld()
        let emergency = try await world.ended()
        let reviewed = try await world.review([emergency.id])
        #expect(reviewed.first?.review?.outcome == .accepted && reviewed.first?.review?.by == ReviewWorld.reviewer)
        let trace = try #require(world.ledger.traces(of: .breakGlassReviewed).first)
        #expect(trace.outcome == .granted && trace.session == "r")
        #expect(trace.markedDetail?["break_glass"] == .string(emergency.id))
        #expect(trace.detail?["person"] == .string(ReviewWorld.doctor) && trace.detail?["rules"] == ["role.review"])
        let record = try #require(world.ledger.kept(.emergency).first)
        #expect(!record.isOpen)
        #expect(await world.desk.counts["unreviewed"] == 0)
    }

    @Test func traceOfAReviewNamesWhatWasReviewedAlone() async throws {
        let world = try await ReviewWorld()
        let emergency = try await world.ended()
        // The reviewer has an emergency of their own meanwhile.
        let own = try await world.registry.declare(
            try EmergencyRequest(reason: "centre_15", note: nil, patient: "unknown", minutes: nil), session: "r", by: world.atWork)
        try await world.review([emergency.id])
        #expect(own.isNew)
        #expect(world.ledger.traces(of: .breakGlassReviewed).first?.markedDetail?["break_glass"] == .string(emergency.id))
        try await world.degraded("d1")
        try await world.review(["d1"])
        let trace = try #require(world.ledger.traces(of: .degradedReviewed).first)
        #expect(trace.markedDetail?["break_glass"] == nil && trace.detail?["session"] == "d1")
    }

    @Test func secondReviewerIsToldThatThereIsOne() async throws {
        let world = try await ReviewWorld()
        let emergency = try await world.ended()
        async let first = world.refusal { try await world.review([emergency.id]) }
        async let second = world.refusal { try await world.review([emergency.id], outcome: .questioned) }
        let outcomes = try await [first?.code, second?.code]
        #expect(Set(outcomes) == [nil, .reviewExists])
        #expect(world.ledger.traces(of: .breakGlassReviewed).count == 1)
    }

    @Test func nobodyReviewsTheirOwn() async throws {
        let world = try await ReviewWorld(doctorReviews: true)
        let emergency = try await world.ended()
        let refusal = try await world.refusal { try await world.review([emergency.id], session: "s1", by: .user) }
        #expect(refusal?.code == .reviewDenied)
        #expect(world.ledger.traces(of: .breakGlassRefused).first?.code == "review_denied")
    }

    @Test func whoeverMadeTheWayInDoesNotReviewIt() async throws {
        let world = try await ReviewWorld()
        try await world.degraded("d1", makers: ["p9", ReviewWorld.reviewer])
        #expect(try await world.refusal { try await world.review(["d1"]) }?.code == .reviewDenied)
    }

    @Test func personWithoutTheRoleReviewsNothing() async throws {
        let world = try await ReviewWorld()
        let emergency = try await world.ended()
        let refusal = try await world.refusal { try await world.review([emergency.id], session: "s1", by: .user) }
        #expect(refusal?.code == .scopeDenied)
    }

    @Test func whatGoesOnIsNotReviewed() async throws {
        let world = try await ReviewWorld()
        let emergency = try await world.declared()
        #expect(try await world.refusal { try await world.review([emergency.id]) }?.code == .breakGlassActive)
        #expect(try await world.refusal { try await world.review(["e9"]) }?.code == .breakGlassNotFound)
    }

    @Test func batchIsReviewedWholeOrNotAtAll() async throws {
        let world = try await ReviewWorld()
        let (first, second) = (try await world.ended(), try await world.ended())
        #expect(try await world.refusal { try await world.review([first.id, "e9"]) }?.code == .breakGlassNotFound)
        #expect(world.ledger.traces(of: .breakGlassReviewed).isEmpty)
        #expect(try await world.review([first.id, second.id]).count == 2)
        #expect(world.ledger.commits.last?.drafts.count == 2)
    }

    @Test func whoWorksAloneReviewsTheirOwnAtTheNextLogin() async throws {
        let world = try await ReviewWorld(isSolo: true)
        let emergency = try await world.ended()
        #expect(try await world.refusal { try await world.review([emergency.id], session: "s1", by: .user) }?.code == .reviewDenied)
        world.clock.advance(seconds: 60)
        await world.registry.end(["s1"], .logout, by: nil)
        await world.registry.insertionBegan("i3")
        let session = try Sample.session("s2", insertion: "i3", now: world.clock.now())
        _ = try await world.registry.open(session, traces: [], by: .user, token: nil)
        let reviewed = try await world.review([emergency.id], session: "s2", by: .user)
        #expect(reviewed.first?.review?.isSelf == true)
        #expect(world.ledger.traces(of: .breakGlassReviewed).first?.detail?["self"] == true)
        #expect(try await world.desk.shown(emergency.id)?["reciprocal"] == false)
    }

    @Test func reviewersOfEachOtherAreReported() async throws {
        let world = try await ReviewWorld(doctorReviews: true)
        let first = try await world.ended()
        try await world.review([first.id])
        #expect(try await world.desk.shown(first.id)?["reciprocal"] == false)
        let (second, _, _) = try await world.registry.declare(
            try EmergencyRequest(reason: "centre_15", note: nil, patient: "unknown", minutes: nil), session: "r", by: world.atWork)
        try await world.registry.close(second.id, by: world.atWork)
        try await world.review([second.id], session: "s1", by: .user)
        #expect(try await world.desk.shown(first.id)?["reciprocal"] == true)
        #expect(try await world.desk.shown(second.id)?["reciprocal"] == true)
        #expect(await world.desk.counts["reciprocal"] == 1)
    }

    @Test(arguments: ["a\nb", "", "\u{7}", "\u{202E}x"])
    func commentThatIsNotOneLineIsRefused(_ comment: String) {
        #expect(throws: Refusal.self) { try ReviewRequest(["e1"], outcome: .accepted, comment: comment) }
    }

    @Test func reviewThatCannotBeTracedIsNone() async throws {
        let world = try await ReviewWorld()
        let emergency = try await world.ended()
        world.ledger.setFails(true)
        #expect(try await world.refusal { try await world.review([emergency.id]) }?.code == .traceUnavailable)
        world.ledger.setFails(false)
        try await world.review([emergency.id])
    }

    // MARK: Notes

    @Test func noteMayFollowUntilTheReview() async throws {
        let world = try await ReviewWorld()
        let emergency = try await world.declared()
        #expect(try await world.desk.note("arrêt", emergency: emergency.id, by: .user).note == "arrêt")
        try await world.registry.close(emergency.id, by: .user)
        #expect(try await world.desk.shown(emergency.id)?["note"] == "arrêt")
        #expect(try await world.desk.note("arrêt cardiaque", emergency: emergency.id, by: .user).note == "arrêt cardiaque")
        #expect(try await world.desk.shown(emergency.id)?["end_reason"] == "closed")
        #expect(world.ledger.traces(of: .breakGlassNoted).count == 2)
        #expect(
            try await world.refusal { try await world.desk.note("x", emergency: emergency.id, by: world.atWork) }?.code
                == .breakGlassNotFound)
        try await world.review([emergency.id])
        #expect(try await world.refusal { try await world.desk.note("x", emergency: emergency.id, by: .user) }?.code == .reviewExists)
    }
}
