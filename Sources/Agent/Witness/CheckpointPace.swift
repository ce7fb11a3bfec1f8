internal import Synchronization

/// Says when so many traces came that a checkpoint is due, whatever the clock says.
package final class CheckpointPace: Sendable {
    private let traces: UInt64
    private let due: Atomic<UInt64>
    private let wakes = Wakes()

    /// One element for each time it is due; those that nobody took yet count as one.
    package var crossings: AsyncStream<Void> { wakes.calls }

    /// - Parameters:
    ///   - traces: after how many a checkpoint is due.
    ///   - size: how many there are now.
    package init(every traces: UInt64, from size: UInt64) {
        self.traces = traces
        due = Atomic(size + traces)
    }

    /// The log has grown to `size` traces.
    ///
    /// - Returns: whether a checkpoint is due now.
    @discardableResult
    package func grown(to size: UInt64) -> Bool {
        let mark = due.load(ordering: .relaxed)
        guard size >= mark, due.compareExchange(expected: mark, desired: size + traces, ordering: .relaxed).exchanged else { return false }
        wakes.wake()
        return true
    }
}
