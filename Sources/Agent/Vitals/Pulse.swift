package import Primitives
internal import Sessions
internal import Synchronization

/// Whether the agent still looks after itself: whatever has to happen now and then says here that it happened.
package final class Pulse: Sendable {
    /// The longest time between two beats. The agent left alone rests for ``Attention/seldom``; what it then does may wait for the log,
    /// and the log for witnesses outside.
    package static let longest = Attention.seldom + .seconds(70)

    private let time: any TimeSource
    private let last: Mutex<Duration>

    package init(_ time: any TimeSource) {
        self.time = time
        last = Mutex(time.awake())
    }

    package func beat() {
        let now = time.awake()
        last.withLock { $0 = now }
    }

    /// Goes by the clock that stands while the machine sleeps.
    package var isFresh: Bool { time.awake() - last.withLock { $0 } < Self.longest }
}
