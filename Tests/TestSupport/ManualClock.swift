package import Primitives
import Synchronization

/// A clock that moves only when a test moves it.
package final class ManualClock: TimeSource {
    private struct State {
        var wall: Timestamp
        var boot = Duration.seconds(1000)
        var asleep = Duration.zero
    }

    /// 2026-06-01, noon UTC.
    package static let noon = Timestamp(seconds: 1_780_315_200)

    private let state: Mutex<State>

    package init(_ start: Timestamp = noon) { state = Mutex(State(wall: start)) }

    package func now() -> Timestamp { state.withLock { $0.wall } }
    package func sinceBoot() -> Duration { state.withLock { $0.boot } }
    package func awake() -> Duration { state.withLock { $0.boot - $0.asleep } }

    /// Time passes, awake.
    package func advance(seconds: Int64) {
        state.withLock { state in
            state.wall = state.wall.advanced(bySeconds: seconds)
            state.boot += .seconds(seconds)
        }
    }

    /// The machine sleeps.
    package func sleep(seconds: Int64) {
        advance(seconds: seconds)
        state.withLock { $0.asleep += .seconds(seconds) }
    }

    /// Somebody sets the wall clock; nothing else moves.
    package func setWall(forwardBy seconds: Int64) {
        state.withLock { $0.wall = $0.wall.advanced(bySeconds: seconds) }
    }
}
