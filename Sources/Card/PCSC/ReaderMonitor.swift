internal import Dispatch
internal import Foundation
internal import Platform
package import Primitives
package import SmartCard
internal import Synchronization

/// Watches the readers on a thread of its own and tells what it sees, for as long as it runs.
///
/// It outlives the PC/SC service: without one it says so, tries again by itself, and every stay of a card has then ended.
package final class ReaderMonitor: Sendable {
    /// What is known now; a slow listener finds the newest snapshot only, and never misses that an insertion ended.
    package let snapshots: AsyncStream<ReaderSnapshot>

    private let manager: any ResourceManager
    private let random: any RandomSource
    private let continuation: AsyncStream<ReaderSnapshot>.Continuation
    private let control = Mutex(Control())
    /// Ends a pause early.
    private let stopping = DispatchSemaphore(value: 0)

    private struct Control {
        var stops = false
        var context: Int?
    }

    /// Longest wait without looking up, and the pause before the service is tried again, in milliseconds.
    private static let wait: UInt32 = 2000
    private static let pauses = [50, 100, 200, 500, 1000]

    package init(manager: any ResourceManager = PCSCLite(), random: any RandomSource = SystemRandom()) {
        self.manager = manager
        self.random = random
        (snapshots, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func start() {
        let thread = Thread { [self] in
            platform_name_thread("reader-monitor")
            watch()
            continuation.finish()
        }
        thread.start()
    }

    /// Ends the watch soon; the stream of snapshots then ends.
    package func stop() {
        let context = control.withLock { control in
            control.stops = true
            return control.context
        }
        if let context { manager.cancel(context) }
        stopping.signal()
    }

    private var stops: Bool { control.withLock { $0.stops } }

    private func watch() {
        var failures = 0
        var pace = ReaderBoard(random: random)
        while !stops {
            do throws(PCSCError) {
                let context = try manager.establishContext()
                control.withLock { $0.context = context }
                defer {
                    control.withLock { $0.context = nil }
                    manager.releaseContext(context)
                }
                failures = 0
                try follow(context, &pace)
            } catch {
                pace = ReaderBoard(random: random)
                continuation.yield(ReaderSnapshot(monitoring: error == .securityViolation ? .notAuthorised : .serviceDown, readers: []))
                pause(Self.pauses[min(failures, Self.pauses.count - 1)])
                failures += 1
            }
        }
    }

    /// Lists, waits, lists again, until the service is lost or the watch is stopped.
    private func follow(_ context: Int, _ board: inout ReaderBoard) throws(PCSCError) {
        while !stops {
            board.list(try manager.readers(context)) { name in kind(of: name) }
            if let snapshot = board.news() { continuation.yield(snapshot) }
            var rows = board.rows
            do throws(PCSCError) {
                if try manager.waitForChange(context, &rows, milliseconds: board.isSettled ? Self.wait : 0) { board.take(rows) }
            } catch {
                // A reader that went between the list and the wait: list again.
                guard error == .unknownReader || error == .readerUnavailable || error == .cancelled else { throw error }
            }
            if let snapshot = board.news() { continuation.yield(snapshot) }
        }
    }

    private func kind(of reader: String) -> ReaderKind {
        // vpcd and other virtual slots have no bus to be found on; their drivers name them so.
        reader.lowercased().contains("virtual") ? .virtual : .unknown
    }

    private func pause(_ milliseconds: Int) { _ = stopping.wait(timeout: .now() + .milliseconds(milliseconds)) }
}
