internal import Glibc
internal import Synchronization

/// Ends the waiting on a connection from another thread. It holds the connection open itself, so that the number is never that of another file.
final class Interruption: Sendable {
    private let descriptor: Int32
    private let over = Mutex(false)

    /// - Parameter descriptor: of the connection; a copy is made. Without room for one, waiting cannot be ended.
    init(_ descriptor: Int32) { self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    var isOver: Bool { over.withLock { $0 } }

    func interrupt() {
        over.withLock { $0 = true }
        if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
}

extension EventStream {
    /// Ends the waiting for the next event.
    borrowing func interruption() -> Interruption { Interruption(reader.connection.descriptor) }
}
