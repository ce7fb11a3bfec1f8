package import Primitives

/// Brings lists from elsewhere. An adapter implements it; what it brings is believed for its signature alone.
package protocol ListFetcher: Sendable {
    /// Writes what lies at `address` into a new file, in which nothing may be left that was not fetched whole.
    ///
    /// - Parameters:
    ///   - known: of the copy that is in force; a server that has nothing newer answers so.
    ///   - path: a file that is not there.
    ///   - largest: most bytes.
    /// - Returns: how to ask for something newer the next time; `nil` when there is nothing newer than `known`.
    func fetch(
        _ address: WebAddress, known: ListVersion?, into path: String, largest: Int
    ) async throws(FetchFailure) -> ListVersion?
}

/// What a server said of a copy, to be sent back to it (RFC 9110 §8.8).
package struct ListVersion: Hashable, Sendable {
    /// `ETag`.
    package let tag: String?
    /// `Last-Modified`.
    package let modified: String?

    /// Texts that no honest server sends are left out.
    package init(tag: String?, modified: String?) {
        self.tag = tag.flatMap { $0.utf8.count <= 256 ? $0 : nil }
        self.modified = modified.flatMap { $0.utf8.count <= 64 ? $0 : nil }
    }
}

/// Why nothing was fetched.
package enum FetchFailure: Error, Hashable, Sendable {
    /// No answer; the text is the network's.
    case unreachable(String)
    /// No whole answer in the time there was.
    case tooSlow
    case tooLarge
    /// Sent on too often, or in a circle.
    case redirected
    /// Answered with this status of HTTP.
    case status(Int)
    /// What was fetched could not be written; the system's text.
    case notWritten(String)

    /// One English sentence.
    package var reason: String {
        switch self {
        case .unreachable(let text): "the server cannot be reached: \(text)"
        case .tooSlow: "the server did not answer in time"
        case .tooLarge: "the answer is larger than what is accepted"
        case .redirected: "the server sends on without end"
        case .status(let status): "the server answered with status \(status)"
        case .notWritten(let text): "it cannot be written: \(text)"
        }
    }
}

/// Runs `body` and gives it up after `limit`.
func inTime<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws(FetchFailure) -> Value
) async throws(FetchFailure) -> Value {
    let first = await withTaskGroup(of: Result<Value, FetchFailure>.self) { group in
        group.addTask {
            do throws(FetchFailure) { return .success(try await body()) } catch { return .failure(error) }
        }
        group.addTask {
            // Cancelled when the other is done: then nobody looks at this.
            try? await Task.sleep(for: limit)
            return .failure(.tooSlow)
        }
        defer { group.cancelAll() }
        return await group.next() ?? .failure(.tooSlow)
    }
    return try first.get()
}
