import Primitives
import TestSupport
import Testing

@testable import MobileAPI

struct RefusalBudgetTests {
    @Test func aNetworkIsHeardAgainAfterAWhile() {
        let clock = ManualClock()
        let budget = RefusalBudget(most: 3, perSecond: 1, time: clock)
        #expect(budget.wait("a") == nil)
        #expect(!budget.take("a") && !budget.take("a") && budget.take("a"))
        #expect(budget.wait("a") == 1)
        #expect(!budget.take("a"), "told once")
        #expect(budget.wait("b") == nil, "others are heard")
        clock.advance(seconds: 1)
        #expect(budget.wait("a") == nil)
        clock.advance(seconds: 1000)
        #expect(!budget.take("a") && !budget.take("a") && budget.take("a"))
    }

    @Test func memoryHasAnEnd() {
        let clock = ManualClock()
        let budget = RefusalBudget(most: 1, perSecond: 1, time: clock)
        #expect(budget.take("first"))
        for number in 0..<RefusalBudget.mostNetworks {
            _ = budget.take("n\(number)")
        }
        let held = (0..<RefusalBudget.mostNetworks).filter { budget.wait("n\($0)") != nil }.count
        #expect(held >= RefusalBudget.mostNetworks - 1)
    }
}
