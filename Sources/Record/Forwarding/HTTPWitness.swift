package import Audit
package import Primitives

/// Asks the web servers that keep checkpoints to keep traces that this machine cannot write: one POST of JSON to each, all at once. The
/// first answer of 200 to 299 means that the traces are kept.
package struct HTTPWitness: OutsideWitness {
    /// Others wait for the log meanwhile, so no server has longer than this.
    package static let longestWait = Duration.seconds(5)

    package struct Server: Sendable {
        let name: String
        let address: WebAddress
        let limit: Duration

        /// - Parameter limit: time for one POST; ``HTTPWitness/longestWait`` at most.
        package init(name: String, address: WebAddress, limit: Duration) {
            self.name = name
            self.address = address
            self.limit = min(limit, HTTPWitness.longestWait)
        }
    }

    private let servers: [Server]

    /// `nil` without a server.
    package init?(_ servers: [Server]) {
        guard !servers.isEmpty else { return nil }
        self.servers = servers
    }

    package func acknowledge(_ leaves: [[UInt8]], from first: UInt64, after checkpoint: String?) async throws(WitnessFailure) {
        var members: [String: JSON] = [
            // A leaf is canonical JSON, so its text says which bytes were hashed.
            "first": .int(Int64(clamping: first)), "traces": .array(leaves.map { .string(String(decoding: $0, as: UTF8.self)) }),
        ]
        members["checkpoint"] = checkpoint.map(JSON.string)
        let body = JSON.object(members).canonical
        let refusals = await withTaskGroup(of: String?.self) { group -> [String]? in
            for server in servers {
                group.addTask {
                    do throws(FetchFailure) {
                        try await HTTPPost.send(body, type: "application/json", to: server.address, within: server.limit)
                        return nil
                    } catch {
                        return "\(server.name): \(error.reason)"
                    }
                }
            }
            defer { group.cancelAll() }
            var reasons: [String] = []
            for await reason in group {
                guard let reason else { return nil }
                reasons.append(reason)
            }
            return reasons
        }
        if let refusals { throw WitnessFailure(reason: refusals.sorted().joined(separator: "; ")) }
    }
}
