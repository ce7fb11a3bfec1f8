import Primitives
import Sessions
import TestSupport
import Testing

struct CallerBudgetTests {
    private let clock = ManualClock()
    private let budgets: CallerBudgets

    init() {
        budgets = CallerBudgets(CallerBudgets.Limits(requests: 5, logins: 3, pins: 2), time: clock)
    }

    /// How many of a kind are given now.
    private func given(_ kind: CallerBudgets.Kind, _ uid: UInt32 = 1000, tries: Int = 100) -> Int {
        (0..<tries).filter { _ in (try? budgets.take(kind, for: uid)) != nil }.count
    }

    @Test(arguments: [(CallerBudgets.Kind.request, 20), (.login, 3), (.pin, 2)])
    func soManyAtOnce(kind: CallerBudgets.Kind, count: Int) { #expect(given(kind) == count) }

    @Test(arguments: [(CallerBudgets.Kind.request, 5, 1), (.login, 1, 20), (.pin, 1, 30)])
    func moreComesWithTime(kind: CallerBudgets.Kind, count: Int, seconds: Int64) {
        _ = given(kind)
        clock.advance(seconds: seconds)
        #expect(given(kind) == count)
    }

    @Test func neverMoreThanTheMost() {
        _ = given(.pin)
        clock.advance(seconds: 86_400)
        #expect(given(.pin) == 2)
    }

    @Test func refusalSaysHowLongToWait() {
        _ = given(.pin)
        #expect(throws: Refusal(.rateLimited, ["retry_after": 30])) { try budgets.take(.pin, for: 1000) }
        clock.advance(seconds: 10)
        #expect(throws: Refusal(.rateLimited, ["retry_after": 20])) { try budgets.take(.pin, for: 1000) }
    }

    @Test func wallClockGivesNothing() {
        _ = given(.pin)
        clock.setWall(forwardBy: 86_400)
        #expect(given(.pin) == 0)
    }

    @Test func eachUserAndEachKindHasItsOwn() {
        _ = given(.pin)
        #expect(given(.login) == 3)
        #expect(given(.pin, 1001) == 2)
    }

    @Test func rootIsNotHeld() { #expect(given(.pin, 0) == 100) }

    @Test func otherLimitsHoldAtOnceAndWhatWasTakenStaysTaken() {
        #expect(given(.pin, tries: 1) == 1)
        budgets.replace(by: CallerBudgets.Limits(requests: 5, logins: 1, pins: 60))
        #expect(given(.pin) == 1)
        #expect(given(.login) == 1)
        #expect(given(.pin, 1001) == 60)
        clock.advance(seconds: 10)
        #expect(given(.pin) == 10)
    }

    @Test func usersAreForgottenInTheOrderTheyLeft() {
        _ = given(.pin, 1)
        clock.advance(seconds: 1)
        _ = given(.pin, 2)
        for uid in 0..<UInt32(CallerBudgets.mostUsers - 1) { _ = given(.request, 10_000 + uid, tries: 1) }
        #expect(given(.pin, 2) == 0)
        #expect(given(.pin, 1) == 2)
    }
}
