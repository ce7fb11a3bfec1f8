package import Dispatch

extension DispatchQueue {
    /// Does work that blocks in its turn on this queue; no thread that tasks share waits for it.
    package func perform<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in async { continuation.resume(returning: work()) } }
    }
}
