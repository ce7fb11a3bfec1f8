internal import Dispatch
internal import Foundation
internal import Platform
internal import Primitives

/// Runs a program without a shell, one run after the other, each bounded in time and in what is taken of it.
package struct ProgramRunner: Sendable {
    /// Path and arguments.
    private let command: [String]
    private let limit: Duration
    /// The runs block.
    private let queue: DispatchQueue

    /// - Parameters:
    ///   - name: of the thread that waits for it, for debuggers.
    ///   - limit: time for one run; then it is killed, with what it began.
    package init(_ command: [String], name: String, limit: Duration) {
        self.command = command
        self.limit = limit
        queue = DispatchQueue(label: name)
    }

    /// One run.
    ///
    /// - Parameters:
    ///   - input: what it reads on its standard input.
    ///   - more: arguments after its usual ones.
    ///   - room: most bytes that are taken of what it prints; the rest is thrown away.
    /// - Returns: what it exited with (128 and the number of the signal that ended it), and what it printed.
    package func run(_ input: [UInt8] = [], with more: [String] = [], room: Int = 0) async throws(ProgramFailure) -> (Int32, [UInt8]) {
        let (words, milliseconds) = (command + more, Int32(clamping: Int64(limit / .milliseconds(1))))
        let (failure, status, printed) = await queue.perform {
            let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
            defer { for argument in arguments { free(argument) } }
            var status: Int32 = 0
            var (output, length) = ([UInt8](repeating: 0, count: room), room)
            let failure = input.withUnsafeBytes { bytes in
                output.withUnsafeMutableBytes { space in
                    platform_run(
                        arguments, bytes.baseAddress, bytes.count, room > 0 ? space.baseAddress : nil, &length, milliseconds, &status)
                }
            }
            return (failure, status, Array(output.prefix(room > 0 ? length : 0)))
        }
        if failure == ETIMEDOUT { throw .tooSlow }
        guard failure == 0 else { throw .unable(String(cString: strerror(failure))) }
        return (status, printed)
    }
}

/// Why a run has no outcome.
package enum ProgramFailure: Error, Hashable, Sendable {
    /// It took longer than it may, and was killed.
    case tooSlow
    /// It could not be run.
    case unable(String)
}
