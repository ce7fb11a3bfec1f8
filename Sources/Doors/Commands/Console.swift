package import Primitives

/// The system did not take or give bytes; why.
package struct ConsoleFailure: Error, Hashable, Sendable {
    package let reason: Text

    package init(reason: Text) { self.reason = reason }
}

/// What a person answered to a question on the terminal.
package enum Reply: ~Copyable {
    case line(Secret)
    /// End of input: the person gives up.
    case end
    /// The person, or the system, wants the program to stop: the signal's number.
    case interrupted(Int32)
    /// Nobody can be asked.
    case noTerminal
}

/// Where a command line reads and writes.
package protocol Console {
    func out(_ bytes: [UInt8]) throws(ConsoleFailure)

    /// For people: what fails here is not told anywhere else.
    func err(_ text: String)

    /// Whether a person sees ``err(_:)``.
    var isWatched: Bool { get }

    /// One line of standard input, its end left out, read byte by byte so that what follows is left for others; `nil` at the end.
    ///
    /// - Throws: also when the line has more than `limit` bytes.
    func secretLine(limit: Int) throws(ConsoleFailure) -> Secret?

    /// Asks on the terminal and reads one line. The terminal is left as it was found, whatever happens.
    func ask(_ prompt: String, echo: Bool, limit: Int) throws(ConsoleFailure) -> Reply

    /// Waits before something is asked for again.
    func pause(_ duration: Duration)

    /// Ends the program as that signal would have.
    func stop(by signal: Int32)
}
