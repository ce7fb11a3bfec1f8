import APIContract
import AgentClient
import Primitives

/// Reads traces of the agent page by page, as the exact bytes that were hashed.
struct TracePages {
    let tool: Tool

    /// Traces a page: as many of the longest ones still fit into an answer.
    private static let page: UInt64 = 250

    /// - Parameters:
    ///   - from: the sequence to begin with.
    ///   - count: how many traces at most.
    ///   - take: is given each trace, oldest first.
    /// - Throws: what the agent refuses, and what `take` throws.
    func read(from: UInt64, count: UInt64, _ take: (_ sequence: UInt64, _ leaf: [UInt8]) throws(Problem) -> Void) throws(Problem) {
        var (next, left) = (from, count)
        while left > 0 {
            let query = [("from", String(next)), ("limit", String(min(left, Self.page)))]
            let leaves = try tool.client.send(AgentRequest(.get, ["audit", "traces"], query: query)).lines()
            if leaves.isEmpty { return }
            for leaf in leaves {
                guard let sequence = JSON(parsing: leaf)?["seq"]?.int.flatMap({ UInt64(exactly: $0) }), sequence >= next, left > 0 else {
                    throw tool.output.problem(.internalError, ["detail": "the agent's traces are out of order"])
                }
                try take(sequence, leaf)
                next = sequence + 1
                left -= 1
            }
        }
    }
}
