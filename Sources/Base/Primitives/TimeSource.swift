import Dispatch  // for the members of `timespec` (see FileIdentity)
import Glibc

/// The clocks the agent lives by, as one thing that tests can replace.
package protocol TimeSource: Sendable {
    /// The wall clock: what people read. It may jump.
    func now() -> Timestamp
    /// Time since the machine started, its sleep included (CLOCK_BOOTTIME). It never jumps: every deadline uses it.
    func sinceBoot() -> Duration
    /// Time since the machine started, its sleep left out (CLOCK_MONOTONIC). The gap to ``sinceBoot()`` grows while suspended.
    func awake() -> Duration
}

/// What the clocks say of one another at one moment. None of it changes while time just passes.
package struct ClockReading: Hashable, Sendable {
    /// Time that the machine has slept since it started.
    package let asleep: Duration
    /// When the machine started by the wall clock, since 1970: moves only when somebody sets that clock.
    package let started: Duration
}

extension TimeSource {
    /// Compares the clocks. A thread that is held up between two of them would see sleep or a jump where there was none, so it looks
    /// again until they were read together.
    package func reading() -> ClockReading {
        for _ in 0..<16 {
            let (before, asleep, wall, after) = (sinceBoot(), awake(), now(), sinceBoot())
            guard after - before < .milliseconds(20) else { continue }
            return ClockReading(asleep: before - asleep, started: .milliseconds(wall.milliseconds) - before)
        }
        let before = sinceBoot()
        return ClockReading(asleep: before - awake(), started: .milliseconds(now().milliseconds) - before)
    }
}

/// The machine's own clocks.
package struct SystemTime: TimeSource {
    package init() {}

    package func now() -> Timestamp {
        let time = read(CLOCK_REALTIME)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package func sinceBoot() -> Duration { duration(read(CLOCK_BOOTTIME)) }

    package func awake() -> Duration { duration(read(CLOCK_MONOTONIC)) }

    private func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }

    private func duration(_ time: timespec) -> Duration {
        .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
