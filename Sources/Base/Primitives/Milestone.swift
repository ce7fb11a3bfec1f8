/// Something that happens once, and that one task waits for.
package final class Milestone: Sendable {
    private let reached: AsyncStream<Never>
    private let reaching: AsyncStream<Never>.Continuation

    package init() { (reached, reaching) = AsyncStream.makeStream() }

    /// It has happened.
    package func reach() { reaching.finish() }

    /// Returns when it has happened, or when the task is cancelled.
    package func wait() async { for await _ in reached {} }
}
