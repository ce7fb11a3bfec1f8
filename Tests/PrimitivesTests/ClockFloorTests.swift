import Foundation
import Primitives
import Synchronization
import Testing

/// A wall clock that a test sets.
private final class WallClock: TimeSource {
    private let wall = Mutex(WallClock.noon)
    static let noon = Timestamp(seconds: 1_780_315_200)

    func set(_ seconds: Int64) { wall.withLock { $0 = Self.noon.advanced(bySeconds: seconds) } }
    func now() -> Timestamp { wall.withLock { $0 } }
    func sinceBoot() -> Duration { .seconds(5) }
    func awake() -> Duration { .seconds(4) }
}

struct ClockFloorTests {
    private let clock = WallClock()
    private let noon = WallClock.noon
    private let path = NSTemporaryDirectory() + "floor-" + UUID().uuidString

    @Test func withoutASignedTimeTheClockIsBelieved() {
        let floor = ClockFloor(time: clock)
        #expect(floor.floor == nil && floor.secondsBehind == nil)
        #expect(floor.floored(noon) == noon)
    }

    @Test func clockSetBackIsToldAndJudgedAtTheFloor() {
        let floor = ClockFloor(time: clock)
        floor.raise(to: noon)
        clock.set(-300)
        #expect(floor.secondsBehind == nil, "clocks may differ that much")
        clock.set(-301)
        #expect(floor.secondsBehind == 301)
        #expect(FlooredTime(clock, floor).now() == noon)
        #expect(FlooredTime(clock, floor).sinceBoot() == .seconds(5) && FlooredTime(clock, floor).awake() == .seconds(4))
        clock.set(10)
        #expect(floor.secondsBehind == nil)
        #expect(FlooredTime(clock, floor).now() == noon.advanced(bySeconds: 10))
    }

    @Test func floorOnlyRises() {
        let floor = ClockFloor(time: clock)
        floor.raise(to: noon)
        floor.raise(to: noon.advanced(bySeconds: -1))
        #expect(floor.floor == noon)
        clock.set(-86_400)
        floor.raise(to: noon.advanced(bySeconds: 20))
        #expect(floor.floor == noon.advanced(bySeconds: 20), "what is signed goes on while the clock is wrong")
    }

    @Test(arguments: [301, 86_400 * 365 * 20]) func timeFromTheFutureCountsForNothing(ahead: Int64) {
        let floor = ClockFloor(time: clock)
        floor.raise(to: noon.advanced(bySeconds: ahead))
        #expect(floor.floor == nil)
    }

    @Test func floorOutlivesTheProcess() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let floor = ClockFloor(path: path, time: clock)
        floor.raise(to: noon)
        clock.set(60)
        floor.raise(to: noon.advanced(bySeconds: 60))
        #expect(ClockFloor(path: path, time: clock).floor == noon, "not written for every minute")
        clock.set(600)
        floor.raise(to: noon.advanced(bySeconds: 600))
        clock.set(-86_400)
        let later = ClockFloor(path: path, time: clock)
        #expect(later.floor == noon.advanced(bySeconds: 600) && later.secondsBehind == 87_000)
    }

    @Test(arguments: ["", "soon", "2026-06-01", String(repeating: "9", count: 100)])
    func fileThatHoldsNoTimeIsNoFloor(text: String) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let floor = ClockFloor(path: path, time: clock)
        #expect(floor.floor == nil)
        floor.raise(to: noon)
        #expect(ClockFloor(path: path, time: clock).floor == noon)
    }

    @Test func folderThatCannotBeWrittenLosesNothingInMemory() {
        let floor = ClockFloor(path: "/nowhere/floor", time: clock)
        floor.raise(to: noon)
        #expect(floor.floor == noon)
    }
}
