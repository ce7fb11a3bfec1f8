/// Runs `body` and goes on without it after `limit`, even when it cannot be cancelled: a mount that hangs holds up nobody.
///
/// - Returns: `nil` when it was not done in time; it is then cancelled and left to itself.
package func abandoning<Value: Sendable>(after limit: Duration, _ body: @escaping @Sendable () async -> Value) async -> Value? {
    let (answers, answer) = AsyncStream<Value?>.makeStream()
    let work = Task { answer.yield(await body()) }
    let clock = Task {
        do { try await Task.sleep(for: limit) } catch { return }
        answer.yield(nil)
    }
    defer {
        work.cancel()
        clock.cancel()
    }
    for await first in answers { return first }
    return nil
}
