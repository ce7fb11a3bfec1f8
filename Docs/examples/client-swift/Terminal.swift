import Foundation
import Glibc

/// The terminal of the person, whatever standard input is.
enum Terminal {
    /// A line of at most 64 bytes, without its end; a PIN is read without echo, and is the caller's to wipe.
    static func line(_ question: String, echo: Bool) -> [UInt8] {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        var before = termios()
        guard terminal >= 0, tcgetattr(terminal, &before) == 0 else { quit("there is no terminal") }
        defer { close(terminal) }
        var quiet = before
        if !echo { quiet.c_lflag &= ~tcflag_t(ECHO | ECHONL) }
        tcsetattr(terminal, TCSAFLUSH, &quiet)
        write(terminal, question, question.utf8.count)
        var line = [UInt8](repeating: 0, count: 64)
        let count = read(terminal, &line, line.count)
        tcsetattr(terminal, TCSAFLUSH, &before)
        if !echo { write(terminal, "\n", 1) }
        guard count > 0 else { quit("nothing was entered") }
        // Shortened in place: a copy of a PIN would not be wiped.
        line.removeSubrange((line[count - 1] == UInt8(ascii: "\n") ? count - 1 : count)...)
        return line
    }
}
