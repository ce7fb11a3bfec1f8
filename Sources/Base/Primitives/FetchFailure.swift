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

    /// One sentence for people.
    package var text: Text {
        switch self {
        case .unreachable(let reason):
            Text("le serveur est injoignable : \(Text.heard(reason).french)", "the server cannot be reached: \(reason)")
        case .tooSlow: Text("le serveur n'a pas répondu à temps", "the server did not answer in time")
        case .tooLarge: Text("la réponse est plus grande qu'accepté", "the answer is larger than what is accepted")
        case .redirected: Text("le serveur renvoie ailleurs sans fin", "the server sends on without end")
        case .status(let status): Text("le serveur a répondu par le statut \(status)", "the server answered with status \(status)")
        case .notWritten(let reason): Text("impossible à écrire : \(Text.heard(reason).french)", "it cannot be written: \(reason)")
        }
    }

    /// The same in English, for logs and for what programs read.
    package var reason: String { text.english }
}

/// Runs `body` and gives it up after `limit`.
package func inTime<Value: Sendable>(
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
