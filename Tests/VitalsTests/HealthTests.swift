import Primitives
import Synchronization
import TestSupport
import Testing
import Vitals

struct HealthTests {
    let clock = ManualClock()

    @Test func anAgentThatWorksIsAlive() async {
        let health = Health(Pulse(clock), takeTurn: {}, state: { [] })
        #expect(await health.isAlive(within: .seconds(60)))
        #expect(await health.troubles(within: .seconds(60)).isEmpty)
    }

    @Test func anAgentThatStoppedLookingAfterItselfIsNot() async {
        let pulse = Pulse(clock)
        let health = Health(pulse, takeTurn: {}, state: { [] })
        clock.advance(seconds: Pulse.longest.components.seconds - 1)
        #expect(await health.isAlive(within: .seconds(60)))
        clock.advance(seconds: 1)
        #expect(await !health.isAlive(within: .seconds(60)))
        #expect(await health.troubles(within: .seconds(60)) == [.upkeepStalled])
        pulse.beat()
        #expect(await health.isAlive(within: .seconds(60)))
    }

    @Test func theSleepOfTheMachineIsNoStall() async {
        let health = Health(Pulse(clock), takeTurn: {}, state: { [] })
        clock.sleep(seconds: 36_000)
        #expect(await health.isAlive(within: .seconds(60)))
    }

    @Test func anAgentWhoseLogHangsIsNotAlive() async {
        let gate = Gate()
        let health = Health(Pulse(clock), takeTurn: { await gate.pass() }, state: { [] })
        #expect(await !health.isAlive(within: .milliseconds(1)))
        #expect(await health.troubles(within: .milliseconds(1)) == [.logStalled])
        gate.open()
        #expect(await health.isAlive(within: .seconds(60)))
    }

    @Test func thoseWhoAskWhileTheLogHangsAddNoWork() async {
        let (gate, turns) = (Gate(), Counter())
        let health = Health(
            Pulse(clock),
            takeTurn: {
                turns.count()
                await gate.pass()
            }, state: { [] })
        for _ in 0..<5 { _ = await health.isAlive(within: .milliseconds(1)) }
        #expect(turns.value == 1)
        gate.open()
        #expect(await health.isAlive(within: .seconds(60)))
    }

    @Test func whatWouldComeAgainAfterAStartIsNoReasonForOne() async {
        let health = Health(Pulse(clock), takeTurn: {}, state: { [.monitoringDown, .reserveInUse] })
        #expect(await health.isAlive(within: .seconds(60)))
        #expect(await health.troubles(within: .seconds(60)) == [.reserveInUse, .monitoringDown])
    }
}

private final class Counter: Sendable {
    private let counted = Mutex(0)
    var value: Int { counted.withLock { $0 } }
    func count() { counted.withLock { $0 += 1 } }
}
