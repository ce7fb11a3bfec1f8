import Dispatch
import Synchronization

/// A place where work stops until the test lets it go on.
package final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrivals = 0
        var watchers: [(count: Int, CheckedContinuation<Void, Never>)] = []
        var tasks: [CheckedContinuation<Void, Never>] = []
        var threads: [DispatchSemaphore] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Comes to the gate with a task.
    package func pass() async {
        let watchers = arrive()
        for watcher in watchers { watcher.resume() }
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.tasks.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Comes to the gate with a thread that may block.
    package func passBlocking() {
        let semaphore = DispatchSemaphore(value: 0)
        let isOpen = state.withLock { state in
            if !state.isOpen { state.threads.append(semaphore) }
            return state.isOpen
        }
        let watchers = arrive()
        for watcher in watchers { watcher.resume() }
        if !isOpen { semaphore.wait() }
    }

    /// Waits until somebody, or so many, came to the gate.
    package func reached(by count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.arrivals < count { state.watchers.append((count, continuation)) }
                return state.arrivals >= count
            }
            if isThere { continuation.resume() }
        }
    }

    /// Lets everybody pass, now and later.
    package func open() {
        let (tasks, threads) = state.withLock { state in
            state.isOpen = true
            defer { (state.tasks, state.threads) = ([], []) }
            return (state.tasks, state.threads)
        }
        for task in tasks { task.resume() }
        for thread in threads { thread.signal() }
    }

    private func arrive() -> [CheckedContinuation<Void, Never>] {
        state.withLock { state in
            state.arrivals += 1
            let arrivals = state.arrivals
            let ready = state.watchers.filter { $0.count <= arrivals }.map(\.1)
            state.watchers.removeAll { $0.count <= arrivals }
            return ready
        }
    }
}

/// Waits for something that other tasks bring about; gives up after some seconds and answers whether it came.
package func eventually(_ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now.advanced(by: .seconds(120))
    while ContinuousClock.now < end {
        if await condition() { return true }
        await Task.yield()
    }
    return false
}
