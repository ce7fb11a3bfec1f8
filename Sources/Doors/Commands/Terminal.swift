import Glibc

/// The terminal of this process while a person answers: echo as wanted, signals held back until it is as it was before.
struct Terminal: ~Copyable {
    enum Input {
        case byte, end
        case signal(Int32)
    }

    let descriptor: Int32
    private var before = termios()
    private var maskBefore = sigset_t()
    private var awaited = sigset_t()

    /// Those that would end the process.
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    /// How often the signals that are held back are looked for, in milliseconds.
    private static let interval: Int32 = 100

    /// `nil` without a terminal.
    init?(echo: Bool) {
        descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        sigemptyset(&awaited)
        for signal in Self.signals { sigaddset(&awaited, signal) }
        // From here to `deinit` no signal can end or suspend the process and leave the terminal without echo.
        var held = awaited
        sigaddset(&held, SIGTSTP)
        pthread_sigmask(SIG_BLOCK, &held, &maskBefore)
        var wanted = termios()
        guard tcgetattr(descriptor, &before) == 0 else {
            pthread_sigmask(SIG_SETMASK, &maskBefore, nil)
            close(descriptor)
            return nil
        }
        wanted = before
        if !echo { wanted.c_lflag &= ~tcflag_t(ECHO) }
        // What was typed ahead was not meant for this question.
        guard tcsetattr(descriptor, TCSAFLUSH, &wanted) == 0 else {
            pthread_sigmask(SIG_SETMASK, &maskBefore, nil)
            close(descriptor)
            return nil
        }
    }

    deinit {
        var (attributes, mask) = (before, maskBefore)
        tcsetattr(descriptor, TCSAFLUSH, &attributes)
        close(descriptor)
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    /// Waits for the next byte, the end of input, or a signal.
    borrowing func read(_ byte: UnsafeMutableRawPointer) throws(ConsoleFailure) -> Input {
        while true {
            var (set, now) = (awaited, timespec())
            let signal = sigtimedwait(&set, nil, &now)
            if signal > 0 { return .signal(signal) }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, Self.interval)
            guard ready >= 0 || errno == EINTR else { throw SystemConsole.failure() }
            guard ready > 0 else { continue }
            let count = Glibc.read(descriptor, byte, 1)
            if count >= 0 { return count == 1 ? .byte : .end }
            guard errno == EINTR else { throw SystemConsole.failure() }
        }
    }
}
