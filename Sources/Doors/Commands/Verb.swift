import APIContract
import AgentClient
import ArgumentParser
import Primitives

/// One thing that `cpsctl` does: its options, and how it is done.
protocol Verb: ParsableCommand {
    var global: GlobalOptions { get }

    /// - Returns: what to exit with when nothing was refused.
    func run(_ tool: Tool) throws(Problem) -> ExitStatus
}

/// Verbs under one name; alone it does nothing.
protocol VerbGroup: ParsableCommand {
    /// As it is typed.
    var path: String { get }
}

/// What verbs work with.
struct Tool {
    let client: AgentClient
    let output: Output
    let console: any Console
    let time: any TimeSource
    let workstation: any Workstation
    let environment: [String: String]

    /// Asks the agent for a JSON resource.
    func get(_ path: String..., query: [(String, String)] = []) throws(Problem) -> JSON {
        try client.send(AgentRequest(.get, path, query: query)).json()
    }

    /// The session that is named, else the only one that the caller has on this workstation: what a device opened is that device's to use.
    func session(_ named: ResourceID?) throws(Problem) -> String {
        if let named { return named.text }
        let here = (try get("sessions")["sessions"]?.array ?? []).filter { $0["mode"]?.string != "mobile" }
        let ids = here.compactMap { $0["id"]?.string }
        guard let id = ids.first else { throw output.problem(.sessionNotFound, Text("il n'y a aucune session", "there is no session")) }
        guard ids.count == 1 else {
            let known = JSON.array(ids.map(JSON.string))
            throw output.problem(
                .invalidRequest, Text("il y a plusieurs sessions : en nommer une", "there are several sessions: name one"),
                ["sessions": known])
        }
        return id
    }

    /// Ends a session and shows it as it then is.
    func end(_ id: String) throws(Problem) {
        _ = try client.send(AgentRequest(.delete, ["sessions", id]))
        let session = try get("sessions", id)
        try output.show(session) { session.sessionLines(output.language) }
    }
}

/// The id of a session or the like on the command line.
struct ResourceID: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard (1...512).contains(argument.utf8.count) else { return nil }
        text = argument
    }
}

/// A duration on the command line: whole seconds, or `30s`, `15m`, `4h`, `7d`.
struct Seconds: ExpressibleByArgument {
    let count: Int64

    init?(argument: String) {
        guard let count = DurationText.seconds(argument), count > 0 else { return nil }
        self.count = count
    }
}
