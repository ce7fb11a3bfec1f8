import Glibc
package import Primitives

/// The process's own standard streams and terminal.
package struct SystemConsole: Console {
    package init() {}

    package var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    package func out(_ bytes: [UInt8]) throws(ConsoleFailure) { try Self.write(bytes, to: STDOUT_FILENO) }

    package func err(_ text: String) {
        // Where standard error is closed there is nobody left to tell.
        try? Self.write(Array(text.utf8), to: STDERR_FILENO)
    }

    package func secretLine(limit: Int) throws(ConsoleFailure) -> Secret? {
        try SecretLine.read(limit: limit, endIsLine: true) { byte throws(ConsoleFailure) in
            while true {
                let count = Glibc.read(STDIN_FILENO, byte, 1)
                if count >= 0 { return count == 1 }
                guard errno == EINTR else { throw Self.failure() }
            }
        }
    }

    package func ask(_ prompt: String, echo: Bool, limit: Int) throws(ConsoleFailure) -> Reply {
        guard let terminal = Terminal(echo: echo) else { return .noTerminal }
        try Self.write(Array(prompt.utf8), to: terminal.descriptor)
        var signal: Int32?
        let line = try SecretLine.read(limit: limit, endIsLine: false) { byte throws(ConsoleFailure) in
            switch try terminal.read(byte) {
            case .byte: return true
            case .end: return false
            case .signal(let number):
                signal = number
                return false
            }
        }
        // The person's own newline was not shown.
        if !echo || line == nil { try Self.write([0x0A], to: terminal.descriptor) }
        if let signal { return .interrupted(signal) }
        if let line { return .line(line) }
        return .end
    }

    package func pause(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        // Ended early by a signal, it is only asked sooner.
        usleep(UInt32(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }

    package func stop(by signal: Int32) { raise(signal) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(ConsoleFailure) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start) }
            if count >= 0 {
                start += count
            } else if errno != EINTR {
                throw failure()
            }
        }
    }

    static func failure() -> ConsoleFailure { ConsoleFailure(reason: .system()) }
}
