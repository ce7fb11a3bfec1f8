import Synchronization

/// Says yes once, at its end.
final class Countdown: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    func tick() -> Bool {
        left.withLock { left in
            left -= 1
            return left == -1
        }
    }
}
