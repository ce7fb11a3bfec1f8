import APIContract
package import AgentClient
import ArgumentParser
package import Primitives

/// `cpsctl` without its process: arguments and console in, exit code out.
package enum CommandLineTool {
    /// Where the agent listens unless somebody says otherwise.
    package static let standardSocket = "/run/cps-agent/agent.sock"
    /// The user that the packaged agent runs as.
    static let agentUser = "cps-agent"

    /// - Parameters:
    ///   - arguments: without the name of the program.
    ///   - check: decides whom we speak to; by default root, the agent's user and our own.
    ///   - workstation: what is looked at besides the agent.
    /// - Returns: what to exit with.
    package static func run(
        _ arguments: [String], environment: [String: String], console: any Console, check: ServerCheck? = nil,
        time: any TimeSource = SystemTime(), workstation: any Workstation = SystemWorkstation()
    ) -> Int32 {
        let output = Output(
            console: console, isJSON: GlobalOptions.wantsJSON(arguments), language: GlobalOptions.language(arguments, environment))
        do throws(Problem) {
            let verb: any Verb
            switch try parsed(arguments, output) {
            case .verb(let found): verb = found
            case .answered: return ExitStatus.done.rawValue
            }
            let client = AgentClient(
                socket: verb.global.socket ?? environment["CPS_AGENT_SOCKET"] ?? standardSocket, language: output.language,
                check: check ?? .standard(agentUID: userID(agentUser)), time: time)
            let tool = Tool(
                client: client, output: output, console: console, time: time, workstation: workstation, environment: environment)
            return try verb.run(tool).rawValue
        } catch {
            return output.fail(error)
        }
    }

    /// The arguments of a program that may be called by another name: `cps-session-lock` is a verb of its own.
    ///
    /// - Parameter arguments: with the name of the program.
    package static func arguments(asCalled arguments: [String]) -> [String] {
        let name = arguments.first?.split(separator: "/").last
        return (name == "cps-session-lock" ? [SessionLockVerb.name] : []) + arguments.dropFirst()
    }

    private enum Parsed {
        case verb(any Verb)
        /// Help or a completion script was asked for, and printed.
        case answered
    }

    private static func parsed(_ arguments: [String], _ output: Output) throws(Problem) -> Parsed {
        do {
            var command = try CPSCtl.parseAsRoot(arguments)
            if let verb = command as? any Verb { return .verb(verb) }
            if let group = command as? any VerbGroup { throw ValidationError("a verb is missing: see \(group.path) --help") }
            // Help is a command of the library; it is answered by an error.
            try command.run()
            return .answered
        } catch {
            guard CPSCtl.exitCode(for: error) == .success else {
                throw output.problem(.invalidRequest, ["detail": .string(CPSCtl.message(for: error))])
            }
            try output.line(CPSCtl.fullMessage(for: error))
            return .answered
        }
    }

    /// The id of a user of this machine; `nil` when there is none of that name.
    private static func userID(_ name: String) -> UInt32? {
        ServerCheck.userID(name)
    }
}
