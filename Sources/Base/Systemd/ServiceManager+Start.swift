internal import Dispatch
internal import Primitives
internal import Synchronization

extension ServiceManager {
    /// Asks the manager for more time, again and again, as long as a start goes on: a large database that is brought to a new form takes
    /// longer than any start else, and must not be cut off in it.
    ///
    /// It asks on a thread of its own: what starts may keep others waiting.
    ///
    /// - Parameters:
    ///   - interval: how often it asks; well below the time that the unit gives a start (`TimeoutStartSec=`).
    ///   - time: how much more it asks for, from the moment it asks.
    ///   - limit: how often it asks at most; what takes longer than that hangs.
    package func extendingStart<Result>(
        every interval: Duration = .seconds(15), by time: Duration = .seconds(60), atMost limit: Int = 480,
        _ start: () async throws -> Result
    ) async rethrows -> Result {
        let timer = DispatchSource.makeTimerSource(queue: queue)
        let notice = Array(ServiceNotice.extendTimeout(time).text.utf8)
        let (left, socket) = (Countdown(limit), socket)
        let step = DispatchTimeInterval.microseconds(Int(clamping: interval.wholeMicroseconds))
        timer.schedule(deadline: .now() + step, repeating: step)
        timer.setEventHandler {
            // A manager that cannot be told ends this process, as it would without.
            if left.next() { try? socket.send(notice, waits: false) }
        }
        timer.activate()
        defer { timer.cancel() }
        return try await start()
    }
}

/// Counts down to nothing.
private final class Countdown: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    func next() -> Bool {
        left.withLock { left in
            left -= 1
            return left >= 0
        }
    }
}
