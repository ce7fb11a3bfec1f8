internal import Foundation
internal import Platform

/// A thread of its own for work that may block or hang, one piece after the other.
///
/// Dispatch queues would not do: on Linux they share their few threads with the tasks of the whole program, so that cards which hang
/// would hold up everything else, and a busy program would hold up the cards.
final class CardThread: Sendable {
    private let line: Line

    /// What waits to be done.
    private final class Line: @unchecked Sendable {
        // Sendable: everything below is touched only with the condition's lock held.
        private let condition = NSCondition()
        private var jobs: [@Sendable () -> Void] = []
        private var isClosed = false

        func add(_ job: @escaping @Sendable () -> Void) {
            condition.lock()
            jobs.append(job)
            condition.signal()
            condition.unlock()
        }

        func close() {
            condition.lock()
            isClosed = true
            condition.signal()
            condition.unlock()
        }

        /// Waits for the next piece of work; `nil` when there will be none.
        func next() -> (@Sendable () -> Void)? {
            condition.lock()
            defer { condition.unlock() }
            while jobs.isEmpty, !isClosed { condition.wait() }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }

    init(name: String) {
        let line = Line()
        self.line = line
        let thread = Thread {
            platform_name_thread(name)
            while let job = line.next() { job() }
        }
        thread.start()
    }

    deinit { line.close() }

    func async(_ job: @escaping @Sendable () -> Void) { line.add(job) }
}
