internal import Dispatch
internal import Foundation
internal import Platform
package import Primitives

/// Gives JSON documents to a program, each on the standard input of one run of it, without a shell. Exit code 0 means that it was taken.
package struct CommandNotice: Sendable {
    /// Path and arguments.
    private let command: [String]
    private let limit: Duration
    /// The runs block, one after the other.
    private let queue = DispatchQueue(label: "cps-agent.notice")

    /// - Parameter limit: time for one run; then it is killed, with what it began.
    package init(_ command: [String], limit: Duration) {
        self.command = command
        self.limit = limit
    }

    package func send(_ document: [UInt8]) async throws(FetchFailure) {
        let (command, milliseconds) = (command, Int32(clamping: Int64(limit / .milliseconds(1))))
        let (failure, status) = await queue.perform {
            let arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
            defer { for argument in arguments { free(argument) } }
            var status: Int32 = 0
            let failure = document.withUnsafeBytes { platform_run(arguments, $0.baseAddress, $0.count, milliseconds, &status) }
            return (failure, status)
        }
        if failure == ETIMEDOUT { throw .tooSlow }
        guard failure == 0 else { throw .unreachable(String(cString: strerror(failure))) }
        guard status == 0 else { throw .unreachable("the command ended with code \(status)") }
    }
}
