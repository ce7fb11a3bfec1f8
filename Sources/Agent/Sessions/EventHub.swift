internal import Primitives
internal import Synchronization

/// Passes events to listeners in order. A listener that does not keep up loses the oldest events that wait for it, is told so, and
/// delays nobody: what it hears after the loss, and the state it is given then, end in what is true now.
package final class EventHub: Sendable {
    /// An event with its place in the order, for `Last-Event-ID`.
    package struct Numbered: Sendable {
        package let id: UInt64
        package let event: Event
    }

    package struct Subscription: Sendable {
        package let id: UInt64
        /// Events from before that were asked for again and are still buffered; `nil` when some of them are gone.
        package let replay: [Numbered]?
        package let events: AsyncStream<Numbered>
        /// The number of the newest event when the subscription began.
        package let position: UInt64
    }

    private struct Listener {
        let uid: UInt32
        let continuation: AsyncStream<Numbered>.Continuation
        var lost = false
    }

    private struct State {
        var next: UInt64
        var recent: [Numbered] = []
        var listeners: [UInt64: Listener] = [:]
        var listenerID: UInt64 = 0
        var isFinished = false
    }

    private let state: Mutex<State>

    /// Events kept for those who come back, and events that wait for one slow listener.
    private static let kept = 512
    private static let queued = 256

    /// - Parameter first: where numbering begins; a value that no earlier run reached, so that old ids are not mistaken.
    package init(first: UInt64) { state = Mutex(State(next: first)) }

    package func publish(_ event: Event) {
        state.withLock { state in
            let numbered = Numbered(id: state.next, event: event)
            state.next += 1
            state.recent.append(numbered)
            if state.recent.count > Self.kept { state.recent.removeFirst(state.recent.count - Self.kept) }
            for (id, listener) in state.listeners where event.isVisible(to: listener.uid) {
                if case .dropped = listener.continuation.yield(numbered) { state.listeners[id]?.lost = true }
            }
        }
    }

    package func subscribe(uid: UInt32, after last: UInt64?) -> Subscription {
        state.withLock { state in
            state.listenerID += 1
            let id = state.listenerID
            let (stream, continuation) = AsyncStream.makeStream(of: Numbered.self, bufferingPolicy: .bufferingNewest(Self.queued))
            if state.isFinished { continuation.finish() }
            state.listeners[id] = Listener(uid: uid, continuation: continuation)
            continuation.onTermination = { [weak self] _ in self?.unsubscribe(id) }
            return Subscription(id: id, replay: Self.replay(state, uid, last), events: stream, position: state.next - 1)
        }
    }

    package func unsubscribe(_ id: UInt64) {
        let listener = state.withLock { $0.listeners.removeValue(forKey: id) }
        listener?.continuation.finish()
    }

    /// Ends every subscription; for a stop.
    package func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.listeners.values.map(\.continuation)
        }
        for continuation in listeners { continuation.finish() }
    }

    /// The number of the newest event, if this listener lost some since it was last asked; `nil` when it lost none.
    package func takeLoss(_ id: UInt64) -> UInt64? {
        state.withLock { state in
            guard state.listeners[id]?.lost == true else { return nil }
            state.listeners[id]?.lost = false
            return state.next - 1
        }
    }

    private static func replay(_ state: State, _ uid: UInt32, _ last: UInt64?) -> [Numbered]? {
        guard let last else { return [] }
        let oldest = state.recent.first?.id ?? state.next
        guard last < state.next, last + 1 >= oldest else { return nil }
        return state.recent.filter { $0.id > last && $0.event.isVisible(to: uid) }
    }
}
