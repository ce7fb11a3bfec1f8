import Audit
import Primitives
import Sessions
import Synchronization
import TestSupport
import Testing

/// Clocks that jump and machines that sleep: what is over is over, and nothing else ends.
@Suite(.timeLimit(.minutes(5)))
struct ClockTests {
    private func isQuiet(_ change: ClockWatch.Change) -> Bool { change.slept == nil && change.stepped == nil }

    @Test func sleepEndsCardSessionsAtOnce() async throws {
        let world = try await SessionWorld()
        var watch = ClockWatch(world.clock)
        try await world.open(try Sample.session("s1"))
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("m1", insertion: "i2", mode: .degraded))
        let token = try await world.token()
        world.clock.sleep(seconds: 30)
        // Nobody has looked yet, and it is over all the same.
        #expect(await !world.isActive(token))
        #expect(
            try await world.refusal { try await world.token() } == Refusal(.sessionEnded, ["end_reason": "suspended"]))
        await world.registry.take(watch.look())
        #expect(try await world.registry.session("s1", for: .user).endReason == .suspended)
        #expect(world.ledger.traces(of: .sessionEnded).map(\.reason) == ["suspended"])
        #expect(try await world.registry.session("m1", for: .user).state == .active)
        #expect(world.ledger.traces(of: .clockJumped).isEmpty)
        // What opens after it lives, and the same sleep is told once.
        try await world.open(try Sample.session("s2"))
        #expect(isQuiet(watch.look()))
        #expect(await world.isActive(try await world.token(of: "s2")))
    }

    @Test func clockBehindASignedTimeIsToldOnceUntilItIsRight() async throws {
        let world = try await SessionWorld()
        let floor = ClockFloor(time: world.clock)
        var watch = FloorWatch(floor)
        floor.raise(to: world.clock.now())
        #expect(watch.look() == nil)
        world.clock.setWall(forwardBy: -3600)
        #expect(watch.look() == 3600)
        #expect(watch.look() == nil)
        world.clock.setWall(forwardBy: 3600)
        #expect(watch.look() == nil)
        world.clock.setWall(forwardBy: -7200)
        #expect(watch.look() == 7200)
        await world.registry.tell(secondsBehind: 7200, floor.floor)
        let trace = try #require(world.ledger.traces(of: .clockBehind).first)
        #expect(trace.detail?["seconds"]?.int == 7200 && trace.detail?["floor"]?.string == floor.floor?.description)
        #expect(world.ledger.commits.last?.urgency == .agent)
    }

    @Test func sleepLeavesNothingToUnlock() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        _ = try await world.registry.lock("s1", by: .user)
        world.clock.sleep(seconds: 30)
        let over = Refusal(.sessionEnded, ["end_reason": "suspended"])
        #expect(try await world.refusal { try await world.registry.locked("s1", for: .user) } == over)
    }

    @Test func sleepWhileASessionOpensOpensNone() async throws {
        let world = try await SessionWorld()
        var watch = ClockWatch(world.clock)
        let gate = world.ledger.hold(.sessionOpened)
        async let opened: Refusal? = world.refusal { try await world.open(try Sample.session("s1")) }
        await gate.reached()
        world.clock.sleep(seconds: 30)
        await world.registry.take(watch.look())
        gate.open()
        #expect(try await opened == Refusal(.sessionEnded, ["end_reason": "suspended"]))
    }

    @Test func timeThatPassesIsNoSleep() async throws {
        let world = try await SessionWorld()
        var watch = ClockWatch(world.clock)
        try await world.open(try Sample.session("s1"))
        world.clock.advance(seconds: 3600)
        await world.registry.take(watch.look())
        #expect(try await world.registry.session("s1", for: .user).state == .active)
        #expect(world.ledger.events == [.sessionOpened])
    }

    @Test(arguments: [(7200, "forward"), (-7200, "back"), (2, "forward"), (-2, "back"), (86_400 * 365 * 30, "forward")])
    func aStepOfTheWallClockIsTracedOnceAndEndsNothing(seconds: Int64, direction: String) async throws {
        let world = try await SessionWorld(inactivity: 900, longest: 3600)
        var watch = ClockWatch(world.clock)
        try await world.open(try Sample.session("s1", life: 3600))
        let token = try await world.token()
        world.clock.setWall(forwardBy: seconds)
        for _ in 0..<3 {
            await world.registry.take(watch.look())
            await world.registry.sweep()
        }
        let traces = world.ledger.traces(of: .clockJumped)
        #expect(traces.count == 1)
        #expect(traces.first?.outcome == .info && traces.first?.time == world.clock.now())
        #expect(traces.first?.detail == ["direction": .string(direction), "milliseconds": .int(abs(seconds) * 1000)])
        #expect(await world.isActive(token))
        #expect(try await world.registry.session("s1", for: .user).state == .active)
        #expect(await world.isActive(try await world.token()))
        // Each ends when its time has passed, whatever the wall clock says.
        world.clock.advance(seconds: 119)
        #expect(await world.isActive(token))
        world.clock.advance(seconds: 1)
        #expect(await !world.isActive(token))
        world.clock.advance(seconds: 3480)
        await world.registry.sweep()
        #expect(try await world.registry.session("s1", for: .user).state == .ended)
    }

    @Test(arguments: [1, -1])
    func aCorrectionInPassingIsNoJump(seconds: Int64) async throws {
        let clock = ManualClock()
        var watch = ClockWatch(clock)
        clock.setWall(forwardBy: seconds)
        #expect(isQuiet(watch.look()))
    }

    @Test func aTokenIsRevokedWhereverTheWallClockStands() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        world.clock.setWall(forwardBy: -3600)
        try await world.registry.revoke(token.accessToken, by: .user)
        world.clock.setWall(forwardBy: 3600)
        #expect(await !world.isActive(token))
        #expect(world.ledger.revokedTokens.count == 1)
    }

    @Test func aThreadThatIsHeldUpBetweenTwoClocksSeesNeitherSleepNorJump() {
        let clock = StutteringClock()
        var watch = ClockWatch(clock)
        for position in 0..<4 {
            clock.stutter(at: position)
            #expect(isQuiet(watch.look()), "held up at \(position)")
        }
    }
}

/// A clock whose reader is held up for five seconds before one of its next readings.
private final class StutteringClock: TimeSource {
    private let clock = ManualClock()
    private let left = Mutex<Int?>(nil)

    func stutter(at position: Int) { left.withLock { $0 = position } }

    func now() -> Timestamp { read { $0.now() } }
    func sinceBoot() -> Duration { read { $0.sinceBoot() } }
    func awake() -> Duration { read { $0.awake() } }

    private func read<Value>(_ body: (ManualClock) -> Value) -> Value {
        let isNow = left.withLock { left in
            defer { left = left.map { $0 - 1 } }
            return left == 0
        }
        if isNow { clock.advance(seconds: 5) }
        return body(clock)
    }
}
