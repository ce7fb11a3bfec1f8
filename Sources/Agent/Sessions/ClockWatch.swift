internal import Audit
package import Primitives

/// Notices between two looks that the machine slept, and that somebody set the wall clock.
package struct ClockWatch: Sendable {
    /// What a look found.
    package struct Change: Hashable, Sendable {
        /// Time that the machine slept; `nil` for none worth the name.
        package let slept: Duration?
        /// How far the wall clock was moved, back when negative; `nil` when it went its way.
        package let stepped: Duration?
    }

    private let time: any TimeSource
    private var last: ClockReading

    /// A gap shorter than this may be a slow machine.
    static let shortestSleep = Duration.seconds(1)
    /// What a time service may put right in passing (it slews at most half a millisecond a second).
    private static let shortestStep = Duration.seconds(2)

    package init(_ time: any TimeSource) {
        self.time = time
        last = time.reading()
    }

    /// What happened since the last look; each jump is told once.
    package mutating func look() -> Change {
        let reading = time.reading()
        defer { last = reading }
        let (slept, stepped) = (reading.asleep - last.asleep, reading.started - last.started)
        return Change(
            slept: slept > Self.shortestSleep ? slept : nil,
            stepped: stepped >= Self.shortestStep || stepped <= .zero - Self.shortestStep ? stepped : nil)
    }
}

extension SessionRegistry {
    /// Takes in what happened to the clocks: a machine that slept ends its card sessions (promise P2); a wall clock that was set is
    /// traced and changes nothing else, since every life is counted by the clock since boot.
    package func take(_ change: ClockWatch.Change) async {
        if change.slept != nil { await endAll(.suspended) }
        guard let step = change.stepped else { return }
        var draft = TraceDraft(.clockJumped, .info, at: time.now())
        draft.detail = [
            "direction": step < .zero ? "back" : "forward",
            "milliseconds": .int(abs(step.components.seconds * 1000 + step.components.attoseconds / 1_000_000_000_000_000)),
        ]
        await record([draft], as: .agent)
    }

    /// Traces that the wall clock shows a time before one that an authority has signed.
    package func tell(secondsBehind seconds: Int64, _ floor: Timestamp?) async {
        var draft = TraceDraft(.clockBehind, .failed, at: time.now())
        draft.detail = .members(["floor": floor.map { .string($0.description) }, "seconds": .int(seconds)])
        await record([draft], as: .agent)
    }
}

/// Notices that the wall clock has fallen behind what authorities have signed; told once until it is right again.
package struct FloorWatch: Sendable {
    private let floor: ClockFloor
    private var isTold = false

    package init(_ floor: ClockFloor) { self.floor = floor }

    /// How many seconds it is behind, when that is news.
    package mutating func look() -> Int64? {
        let seconds = floor.secondsBehind
        defer { isTold = seconds != nil }
        return isTold ? nil : seconds
    }
}
