import Primitives
import Testing
import Workstation

/// What systemd-logind would say.
private struct Screen: Seats {
    var session: ActiveSession?
    var failure: SeatFailure?

    func active(at seat: String) async throws(SeatFailure) -> ActiveSession? {
        if let failure { throw failure }
        return seat == "seat0" ? session : nil
    }
}

@Suite struct SeatGuardTests {
    private func refusal(
        of units: Set<String>, uid: UInt32 = 1000, session: ActiveSession? = ActiveSession(id: "3", uid: 1000), failure: SeatFailure? = nil,
        seat: String = "seat0"
    ) async -> ErrorCode? {
        let seats = Screen(session: session, failure: failure)
        let listed = ["gdm.service", "getty@*.service"]
        do throws(Refusal) {
            try await SeatGuard(seat: seat, units: listed, seats: seats).check(uid: uid, units: units)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func programsOfTheActiveSessionMayUseTheCard() async {
        #expect(await refusal(of: ["session-3.scope"]) == nil)
        // What it has become root for.
        #expect(await refusal(of: ["session-3.scope"], uid: 0) == nil)
    }

    @Test func programsOfItsUsersOwnManagerMayToo() async {
        #expect(await refusal(of: ["user@1000.service", "user/app-records.service"]) == nil)
    }

    @Test(arguments: [["session-4.scope"], ["session-33.scope"], ["ssh.service"], ["user@1001.service"], ["user/session-3.scope"], []])
    func allOthersMayNot(units: [String]) async {
        #expect(await refusal(of: Set(units)) == .notAtSeat)
    }

    @Test func theManagerOfAnotherUserIsNoneOfTheSession() async {
        #expect(await refusal(of: ["user@1001.service"], uid: 1001) == .notAtSeat)
        #expect(await refusal(of: ["user@1000.service"], uid: 1001) == .notAtSeat)
    }

    @Test(arguments: ["gdm.service", "getty@tty1.service"])
    func listedUnitsNeedNoSession(unit: String) async {
        #expect(await refusal(of: [unit], uid: 0, session: nil) == nil)
        #expect(await refusal(of: [unit], uid: 0, failure: SeatFailure("down")) == nil)
    }

    @Test(arguments: ["getty@.service", "getty.service", "xgetty@tty1.service", "getty@tty1.scope", "gdm.service.scope"])
    func aUnitOfAlmostThatNameIsNotListed(unit: String) async {
        #expect(await refusal(of: [unit], session: nil) == .notAtSeat)
    }

    @Test func withoutAnybodyThereNobodyMay() async {
        #expect(await refusal(of: ["session-3.scope"], session: nil) == .notAtSeat)
        #expect(await refusal(of: ["session-3.scope"], seat: "seat1") == .notAtSeat)
    }

    @Test func withoutAnAnswerNobodyMay() async {
        #expect(await refusal(of: ["session-3.scope"], failure: SeatFailure("no bus")) == .notAtSeat)
    }
}
