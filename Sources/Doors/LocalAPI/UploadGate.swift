internal import Primitives
internal import Synchronization

/// Lets few documents in at a time: what a request sends is kept until it is answered, and documents are large.
final class UploadGate: Sendable {
    private let under = Mutex(0)
    private let most: Int

    init(most: Int = 2) { self.most = most }

    /// Runs `body` while holding a place; refuses when there is none, rather than let bytes wait.
    func one<Result>(_ body: () async throws -> Result) async throws -> Result {
        let isFree = under.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
        guard isFree else { throw Refusal(.rateLimited, ["retry_after": 1, "detail": "other documents are coming in"]) }
        defer { under.withLock { $0 -= 1 } }
        return try await body()
    }
}
