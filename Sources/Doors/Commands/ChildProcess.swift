import Glibc
import Platform
import Primitives

/// A program that was started, with pipes to its standard input and from its standard output. It is ended when this is.
struct ChildProcess: ~Copyable {
    enum Failure: Error, Hashable {
        /// It could not be started; `errno`.
        case notStarted(Int32)
        /// It ended, or closed what was to be read or written.
        case closed
        case late
        /// The system refused to read or write; `errno`.
        case system(Int32)
    }

    private let pid: pid_t
    private let input: Int32
    private let output: Int32
    private var isReaped = false

    /// - Parameters:
    ///   - command: the path of the program, or its name in the folders of `environment`'s PATH, and its arguments.
    ///   - environment: all of it.
    ///   - keepsErrors: whether its standard error is ours; else nobody hears it.
    init(_ command: [String], environment: [String: String], keepsErrors: Bool = false) throws(Failure) {
        (pid, input, output) = try Self.started(command, environment, keepsErrors)
    }

    private static func started(
        _ command: [String], _ environment: [String: String], _ keepsErrors: Bool
    ) throws(Failure) -> (pid: pid_t, input: Int32, output: Int32) {
        var (toChild, fromChild): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard platform_pipe(&toChild) == 0 else { throw .notStarted(errno) }
        guard platform_pipe(&fromChild) == 0 else {
            let number = errno
            close(toChild)
            throw .notStarted(number)
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
        if !keepsErrors { posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var started: pid_t = -1
        let number =
            command.isEmpty ? ENOENT : posix_spawnp(&started, command[0], &actions, &attributes, &arguments, &variables)
        close([toChild[0], fromChild[1]])
        guard number == 0 else {
            close([toChild[1], fromChild[0]])
            throw .notStarted(number)
        }
        return (started, toChild[1], fromChild[0])
    }

    deinit {
        Self.close([input, output])
        guard !isReaped else { return }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    /// Writes all of the bytes, straight from where they lie.
    borrowing func write(_ bytes: UnsafeRawBufferPointer, by deadline: PatienceEnd) throws(Failure) {
        // A reader that has gone is an error to us, not the end of this program; its signal is taken back where it came up here.
        let pipe = BrokenPipeHeld()
        defer { pipe.release() }
        var start = 0
        while start < bytes.count {
            try Self.wait(for: Int16(POLLOUT), on: input, by: deadline)
            // A pipe takes this many bytes at once where it takes any (POSIX PIPE_BUF), so that the write does not wait.
            let count = Glibc.write(input, bytes.baseAddress?.advanced(by: start), min(bytes.count - start, Int(PIPE_BUF)))
            if count >= 0 {
                start += count
            } else if errno == EPIPE {
                throw .closed
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
    }

    /// Reads what is there; 0 at the end.
    borrowing func read(into buffer: UnsafeMutableRawBufferPointer, by deadline: PatienceEnd) throws(Failure) -> Int {
        while true {
            try Self.wait(for: Int16(POLLIN), on: output, by: deadline)
            let count = Glibc.read(output, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .system(errno) }
        }
    }

    /// Waits until it has ended by itself.
    ///
    /// - Returns: what it exited with, or 128 and the number of the signal that ended it.
    mutating func ended(by deadline: PatienceEnd) throws(Failure) -> Int32 {
        while true {
            var status: Int32 = 0
            let found = waitpid(pid, &status, WNOHANG)
            if found == pid {
                isReaped = true
                let signal = status & 0x7F
                return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
            }
            guard found == 0 || errno == EINTR else { throw .system(errno) }
            guard deadline.milliseconds != 0 else { throw .late }
            usleep(2_000)
        }
    }

    private static func wait(for events: Int16, on descriptor: Int32, by deadline: PatienceEnd) throws(Failure) {
        while true {
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let count = poll(&entry, 1, deadline.milliseconds)
            if count > 0 { return }
            if count == 0 { throw .late }
            guard errno == EINTR else { throw .system(errno) }
        }
    }

    private static func close(_ descriptors: [Int32]) {
        for descriptor in descriptors { _ = Glibc.close(descriptor) }
    }
}

/// When waiting for a program ends, on the clock that no one can set.
struct PatienceEnd {
    private let time: any TimeSource
    private let end: Duration

    init(after patience: Duration, _ time: any TimeSource = SystemTime()) {
        self.time = time
        end = time.sinceBoot() + patience
    }

    /// What is left, as poll(2) takes it; 0 when it is over.
    var milliseconds: Int32 {
        let left = (end - time.sinceBoot()).components
        guard left.seconds >= 0, left.attoseconds >= 0 else { return 0 }
        return Int32(clamping: left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000)
    }
}

/// SIGPIPE held back on this thread, and thrown away where it came up meanwhile.
private struct BrokenPipeHeld {
    private var before = sigset_t()
    private var pipe = sigset_t()
    private let wasPending: Bool

    init() {
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        var pending = sigset_t()
        sigpending(&pending)
        wasPending = sigismember(&pending, SIGPIPE) == 1
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
    }

    func release() {
        var (mask, pipe, now) = (before, pipe, timespec())
        if !wasPending { while sigtimedwait(&pipe, nil, &now) == SIGPIPE {} }
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }
}
