import Primitives
import Testing

struct MilestoneTests {
    @Test func whatHasHappenedIsNotWaitedFor() async {
        let milestone = Milestone()
        milestone.reach()
        await milestone.wait()
    }

    @Test func whoeverWaitsGoesOnWhenItHappens() async {
        let milestone = Milestone()
        async let waiting: Void = milestone.wait()
        milestone.reach()
        await waiting
    }

    @Test func whoeverIsCancelledWaitsNoLonger() async {
        let milestone = Milestone()
        let waiting = Task { await milestone.wait() }
        waiting.cancel()
        await waiting.value
    }
}
