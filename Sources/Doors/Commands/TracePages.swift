import APIContract
import AgentClient
import Primitives

/// Reads traces of the agent page by page, as the exact bytes that were hashed.
struct TracePages {
    let tool: Tool
    /// Names and values of the filter; none for all traces.
    var filter: [(String, String)] = []
    var isNewestFirst = false

    /// Traces a page at most; a page that has many bytes ends earlier.
    private static let page: UInt64 = 1000

    /// - Parameters:
    ///   - from: the sequence to begin with; `nil` for the end where the order begins.
    ///   - count: how many traces at most.
    ///   - take: is given each trace, in the order asked for.
    /// - Returns: where the list goes on after so many traces; `nil` at its end.
    /// - Throws: what the agent refuses, and what `take` throws.
    @discardableResult
    func read(
        from: UInt64?, count: UInt64, _ take: (_ sequence: UInt64, _ leaf: [UInt8]) throws(Problem) -> Void
    ) throws(Problem) -> UInt64? {
        var (next, left) = (from, count)
        while left > 0 {
            let asked = next
            var query = filter
            if isNewestFirst { query.append(("order", "newest")) }
            if let next { query.append(("from", String(next))) }
            query.append(("limit", String(min(left, Self.page))))
            let answer = try tool.client.send(AgentRequest(.get, ["audit", "traces"], query: query))
            for leaf in try answer.lines() {
                guard let sequence = JSON(parsing: leaf)?["seq"]?.int.flatMap({ UInt64(exactly: $0) }), isDue(sequence, next), left > 0
                else {
                    throw outOfOrder
                }
                try take(sequence, leaf)
                // Below the first trace there is none: another one after it would be out of order.
                next = isNewestFirst ? (sequence == 0 ? nil : sequence - 1) : sequence + 1
                left -= 1
                if isNewestFirst, sequence == 0 { return nil }
            }
            guard let further = answer.next else { return nil }
            guard isDue(further, next), further != asked else { throw outOfOrder }
            next = further
        }
        return next
    }

    private func isDue(_ sequence: UInt64, _ next: UInt64?) -> Bool {
        guard let next else { return true }
        return isNewestFirst ? sequence <= next : sequence >= next
    }

    private var outOfOrder: Problem {
        tool.output.problem(.internalError, Text("les traces de l'agent ne se suivent pas", "the agent's traces are out of order"))
    }
}
