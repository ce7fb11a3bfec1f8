internal import Primitives
internal import Synchronization

/// Whether the agent can do its work.
package final class Health: Sendable {
    /// What keeps it from that.
    package enum Trouble: String, Hashable, Sendable, CaseIterable {
        /// What has to happen now and then does not any more.
        case upkeepStalled = "upkeep_stalled"
        /// Whoever writes the log does not answer.
        case logStalled = "log_stalled"
        /// Nothing can be written before the next start.
        case logReadOnly = "log_read_only"
        /// The log cannot be written for now; what must be said goes to the reserve.
        case reserveInUse = "reserve_in_use"
        /// No reader can be watched, so nobody comes in with their card.
        case monitoringDown = "monitoring_down"
    }

    private let pulse: Pulse
    private let takeTurn: @Sendable () async -> Void
    private let state: @Sendable () async -> [Trouble]
    private let turn = Mutex<Task<Void, Never>?>(nil)

    /// - Parameters:
    ///   - takeTurn: returns when whoever writes the log has come to it.
    ///   - state: what is known without waiting for the log.
    package init(_ pulse: Pulse, takeTurn: @escaping @Sendable () async -> Void, state: @escaping @Sendable () async -> [Trouble]) {
        self.pulse = pulse
        self.takeTurn = takeTurn
        self.state = state
    }

    /// What is wrong now.
    ///
    /// - Parameter patience: how long to wait for the log; what hangs is never waited for longer.
    package func troubles(within patience: Duration) async -> [Trouble] {
        let found = Set(await state() + stalls(within: patience))
        return Trouble.allCases.filter(found.contains)
    }

    /// Whether all that must go on does. A disk that is full or a missing PC/SC service is no reason to begin again: that would end the
    /// sessions, and mend nothing.
    package func isAlive(within patience: Duration) async -> Bool { await stalls(within: patience).isEmpty }

    private func stalls(within patience: Duration) async -> [Trouble] {
        let turn = logTurn()
        let hasAnswered = await abandoning(after: patience) { await turn.value } != nil
        return (hasAnswered ? [] : [.logStalled]) + (pulse.isFresh ? [] : [.upkeepStalled])
    }

    /// The turn in the log that is under way, else a new one: those who ask while it hangs add no work.
    private func logTurn() -> Task<Void, Never> {
        turn.withLock { turn in
            if let turn { return turn }
            let new = Task { [takeTurn] in
                await takeTurn()
                self.turn.withLock { $0 = nil }
            }
            turn = new
            return new
        }
    }
}
