import Dispatch
import Synchronization

/// Says that nobody waits for the answer any more.
final class StopFlag: Sendable {
    private let isSet = Atomic(false)

    func set() { isSet.store(true, ordering: .relaxed) }

    /// Throws `CancellationError` once set.
    func check() throws {
        if isSet.load(ordering: .relaxed) { throw CancellationError() }
    }
}

/// Runs long blocking work on a thread of its own, so that the few threads that tasks share stay free.
func runApart<Result: Sendable>(_ work: @escaping @Sendable (StopFlag) throws -> Result) async throws -> Result {
    let stop = StopFlag()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { answer in
            DispatchQueue(label: "store.long").async { answer.resume(with: Swift.Result { try work(stop) }) }
        }
    } onCancel: {
        stop.set()
    }
}
