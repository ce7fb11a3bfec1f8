import Primitives
import Synchronization

/// A check of the log that goes on, or what it found.
final class WatchedCheck: Sendable {
    private struct State {
        var done: UInt64 = 0
        var total: UInt64
        /// When its asker was last heard of, since boot.
        var asked: Duration
        var task: Task<Void, Never>?
        /// `nil` while it goes on.
        var end: End?
    }

    private enum End {
        case found(JSON)
        /// The log could not be read, or the trace of the check not be written.
        case failed
        case cancelled
    }

    let id: String
    /// Whose it is.
    let uid: UInt32
    private let state: Mutex<State>

    init(id: String, uid: UInt32, total: UInt64, at now: Duration) {
        self.id = id
        self.uid = uid
        state = Mutex(State(total: total, asked: now))
    }

    var isRunning: Bool { state.withLock { $0.end == nil } }

    func asked(at now: Duration) { state.withLock { $0.asked = now } }

    func isForgotten(at now: Duration) -> Bool { state.withLock { now - $0.asked > VerificationDesk.patience } }

    func started(_ task: Task<Void, Never>) { state.withLock { if $0.end == nil { $0.task = task } } }

    /// Takes in how far it is, and ends it when nobody asks any more.
    func advance(_ done: UInt64, _ total: UInt64, at now: Duration) {
        state.withLock { ($0.done, $0.total) = (done, total) }
        if isForgotten(at: now) { stop() }
    }

    func stop() {
        let task = state.withLock { state in
            if state.end == nil { state.end = .cancelled }
            return state.task
        }
        task?.cancel()
    }

    /// - Parameter result: `nil` when there is none.
    func end(_ result: JSON?) {
        state.withLock { state in
            state.task = nil
            if state.end == nil { state.end = result.map(End.found) ?? .failed }
        }
    }

    var json: JSON {
        state.withLock { state in
            var members: [String: JSON] = [
                "id": .string(id), "done": .int(Int64(clamping: state.done)), "of": .int(Int64(clamping: state.total)),
            ]
            switch state.end {
            case nil: members["state"] = "running"
            case .found(let result):
                members["state"] = "done"
                members["result"] = result
            case .failed: members["state"] = "failed"
            case .cancelled: members["state"] = "cancelled"
            }
            return .object(members)
        }
    }
}
