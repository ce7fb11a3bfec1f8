package import Primitives
internal import Synchronization

/// How often the agent looks after itself: every few seconds while somebody is in or asked for something lately, seldom while it is
/// left alone, so that an idle workstation sleeps.
package final class Attention: Sendable {
    private struct State {
        /// Since boot.
        var lastCall: Duration?
        /// A rest that nobody was expected to disturb.
        var longRest: Task<Void, Never>?
    }

    /// So long after a request the agent still looks often.
    package static let lingering = Duration.seconds(60)
    package static let often = Duration.seconds(2)
    package static let seldom = Duration.seconds(20)

    private let time: any TimeSource
    private let sleep: @Sendable (Duration) async -> Void
    private let state = Mutex(State())

    /// - Parameter sleep: waits for a while, or until its task is cancelled.
    package init(
        _ time: any TimeSource,
        sleep: @escaping @Sendable (Duration) async -> Void = { do { try await Task.sleep(for: $0) } catch {} }
    ) {
        self.time = time
        self.sleep = sleep
    }

    /// Whether somebody asked for something lately.
    package var isCalledFor: Bool { state.withLock { isRecent($0) } }

    /// Somebody asks for something: a rest that was to be long ends now.
    package func call() {
        state.withLock { state in
            state.lastCall = time.sinceBoot()
            state.longRest?.cancel()
        }
    }

    /// Waits until it is time to look again.
    ///
    /// - Parameter somebodyIsIn: whether there is anything that may be over any moment.
    package func rest(_ somebodyIsIn: Bool) async {
        let (rest, isLong) = state.withLock { state in
            let isLong = !somebodyIsIn && !isRecent(state)
            let rest = Task { [sleep] in await sleep(isLong ? Self.seldom : Self.often) }
            if isLong { state.longRest = rest }
            return (rest, isLong)
        }
        await withTaskCancellationHandler {
            await rest.value
        } onCancel: {
            rest.cancel()
        }
        if isLong { state.withLock { $0.longRest = nil } }
    }

    private func isRecent(_ state: borrowing State) -> Bool {
        guard let last = state.lastCall else { return false }
        return time.sinceBoot() - last < Self.lingering
    }
}
