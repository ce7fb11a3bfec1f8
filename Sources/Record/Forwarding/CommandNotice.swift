package import Primitives
internal import Processes

/// Gives JSON documents to a program, each on the standard input of one run of it, without a shell. Exit code 0 means that it was taken.
package struct CommandNotice: Sendable {
    private let program: ProgramRunner

    /// - Parameters:
    ///   - command: path and arguments.
    ///   - limit: time for one run; then it is killed, with what it began.
    package init(_ command: [String], limit: Duration) {
        program = ProgramRunner(command, name: "cps-agent.notice", limit: limit)
    }

    package func send(_ document: [UInt8]) async throws(FetchFailure) {
        let status: Int32
        do throws(ProgramFailure) {
            status = try await program.run(document).0
        } catch {
            switch error {
            case .tooSlow: throw .tooSlow
            case .unable(let reason): throw .unreachable(reason)
            }
        }
        guard status == 0 else { throw .unreachable("the command ended with code \(status)") }
    }
}
