import Glibc

/// SIGTERM and SIGINT as a descriptor that becomes readable.
enum StopSignals {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Blocks both signals for the whole program: call it before other threads start.
    static func descriptor() throws(Failure) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(description: "cannot make a pipe: \(String(cString: strerror(errno)))") }
        var signals = signalsToStop()
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var thread = pthread_t()
        // The thread gets the writing end as its argument's value, never as memory.
        let status = pthread_create(&thread, nil, waitForSignal, UnsafeMutableRawPointer(bitPattern: Int(ends[1])))
        guard status == 0 else { throw Failure(description: "cannot start a thread: \(String(cString: strerror(status)))") }
        pthread_detach(thread)
        return ends[0]
    }
}

private func signalsToStop() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    return signals
}

private func waitForSignal(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    var signals = signalsToStop()
    var received: Int32 = 0
    sigwait(&signals, &received)
    close(Int32(Int(bitPattern: argument)))
    return nil
}
