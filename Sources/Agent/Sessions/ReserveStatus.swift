package import Primitives

/// The space kept for what has to be said while the log cannot be written.
package struct ReserveStatus: Hashable, Sendable {
    /// Bytes; 0 when there is none.
    package let size: Int
    /// Bytes that are taken while it is in use.
    package let used: Int
    /// Traces that are in it and not in the log yet.
    package let traces: Int
    /// Since when it is in use.
    package let since: Timestamp?
    /// Why there is none.
    package let problem: String?
    /// What fills or breaks the file system of the log then does the same to it.
    package let sharesFileSystem: Bool

    package init(size: Int, used: Int, traces: Int, since: Timestamp?, problem: String?, sharesFileSystem: Bool) {
        self.size = size
        self.used = used
        self.traces = traces
        self.since = since
        self.problem = problem
        self.sharesFileSystem = sharesFileSystem
    }

    package enum State: String, Hashable, Sendable, CaseIterable {
        case ready
        case inUse = "in_use"
        case missing
    }

    package var state: State { traces > 0 ? .inUse : problem == nil ? .ready : .missing }

    /// As in `GET /v1/status`.
    package var json: JSON {
        [
            "state": .string(state.rawValue), "size": .int(Int64(size)), "used": .int(Int64(used)), "traces": .int(Int64(traces)),
            "since": JSON(since?.description), "problem": JSON(problem), "shares_file_system": .bool(sharesFileSystem),
        ]
    }
}
