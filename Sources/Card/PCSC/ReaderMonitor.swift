internal import Foundation
internal import Glibc
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
    private let kinds: ReaderKinds
    private let random: any RandomSource
    private let continuation: AsyncStream<ReaderSnapshot>.Continuation
    private let wait: CurrentWait
    /// A service that leaves a call without an answer for this long hangs.
    private let silence: Duration
    private let pending = Mutex(Pending())
    private let isAlone = Atomic(false)

    /// The call that is under way.
    private struct Pending {
        /// When it has to be back; `nil` while there is none.
        var due: ContinuousClock.Instant?
        /// Whether it was told to hang.
        var hangs = false
        /// Whether it is a wait for nobody, which takes its time.
        var isLong = false
        /// Whether that wait was asked to end.
        var isCut = false
    }

    /// The wait that goes on now, for whoever must end it.
    private final class CurrentWait: Sendable {
        private let manager: any ResourceManager
        private let state = Mutex(State())

        private struct State {
            var stops = false
            var context: Int?
        }

        init(_ manager: any ResourceManager) { self.manager = manager }

        var stops: Bool { state.withLock(\.stops) }

        func setContext(_ context: Int?) { state.withLock { $0.context = context } }

        func end() { if let context = state.withLock(\.context) { manager.cancel(context) } }

        func stop() {
            state.withLock { $0.stops = true }
            end()
        }
    }

    /// Longest wait without looking up, in milliseconds: while somebody may depend on it, and while nobody does.
    private static let longestWait: UInt32 = 2000
    private static let longestWaitAlone: UInt32 = 20_000
    /// Pauses before the service is tried again, in milliseconds.
    private static let pauses = [50, 100, 200, 500, 1000]
    /// How soon a pause is left after a stop, in milliseconds.
    private static let step = 50

    /// - Parameter silence: how long a call may be overdue before the service counts as lost.
    package init(
        manager: any ResourceManager = PCSCLite(), random: any RandomSource = SystemRandom(), silence: Duration = .seconds(2)
    ) {
        self.manager = manager
        self.silence = silence
        self.random = random
        let wait = CurrentWait(manager)
        self.wait = wait
        // What was learned of a reader is told at once.
        kinds = ReaderKinds(manager: manager) { wait.end() }
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
        wait.stop()
    }

    /// Looks whether the service still answers; to be called now and then. One that hangs may hide that a card left, so it is told as
    /// lost: every stay ends, and what the service says when it comes back begins new ones.
    ///
    /// - Parameter isNeeded: whether anybody depends on it. While nobody does the service is asked seldom.
    package func check(isNeeded: Bool = true) {
        isAlone.store(!isNeeded, ordering: .relaxed)
        let mustEnd = pending.withLock { pending in
            let mustEnd = isNeeded && pending.isLong
            if mustEnd, !pending.isCut, let due = pending.due {
                pending.isCut = true
                pending.due = min(due, .now + silence + silence)
            }
            guard let due = pending.due, ContinuousClock.now >= due, !pending.hangs else { return mustEnd }
            pending.hangs = true
            // Told with the lock held, so that nothing newer is told before it.
            continuation.yield(ReaderSnapshot(monitoring: .serviceDown, readers: []))
            return false
        }
        guard mustEnd else { return }
        // A service that hangs may keep this call too.
        Thread { [wait] in wait.end() }.start()
    }

    private var stops: Bool { wait.stops }

    private func watch() {
        var failures = 0
        var pace = ReaderBoard(random: random)
        while !stops {
            do throws(PCSCError) {
                let context = try call { () throws(PCSCError) in try manager.establishContext() }
                wait.setContext(context)
                defer {
                    wait.setContext(nil)
                    manager.releaseContext(context)
                }
                failures = 0
                try follow(context, &pace)
            } catch {
                pace = ReaderBoard(random: random)
                kinds.keep([])
                continuation.yield(ReaderSnapshot(monitoring: error == .securityViolation ? .notAuthorised : .serviceDown, readers: []))
                pause(Self.pauses[min(failures, Self.pauses.count - 1)])
                failures += 1
            }
        }
    }

    /// Lists, waits, lists again, until the service is lost or the watch is stopped.
    private func follow(_ context: Int, _ board: inout ReaderBoard) throws(PCSCError) {
        while !stops {
            let names = try call { () throws(PCSCError) in try manager.readers(context) }
            kinds.keep(names)
            board.list(names) { name in kinds.traits(of: name) }
            if let snapshot = board.news() { continuation.yield(snapshot) }
            var rows = board.rows
            do throws(PCSCError) {
                let isAlone = isAlone.load(ordering: .relaxed)
                let longest = board.isSettled ? isAlone ? Self.longestWaitAlone : Self.longestWait : 0
                let isNews = try call(lasting: .milliseconds(Int(longest)), isLong: isAlone) { () throws(PCSCError) in
                    try manager.waitForChange(context, &rows, milliseconds: longest)
                }
                if isNews { board.take(rows) }
            } catch {
                // A reader that went between the list and the wait: list again.
                guard error == .unknownReader || error == .readerUnavailable || error == .cancelled else { throw error }
            }
            if let snapshot = board.news() { continuation.yield(snapshot) }
        }
    }

    /// Calls the service so that ``check()`` can see that it hangs; throws when it was told to.
    private func call<Result>(
        lasting expected: Duration = .zero, isLong: Bool = false, _ body: () throws(PCSCError) -> Result
    ) throws(PCSCError) -> Result {
        pending.withLock { ($0.due, $0.isLong) = (.now + expected + silence, isLong) }
        let outcome: Swift.Result<Result, PCSCError>
        do throws(PCSCError) { outcome = .success(try body()) } catch { outcome = .failure(error) }
        let hung = pending.withLock { pending in
            defer { pending = Pending() }
            return pending.hangs
        }
        guard !hung else { throw .serviceStopped }
        return try outcome.get()
    }

    /// Sleeps by a clock that nobody can set; a timed wait on a semaphore goes by the wall clock and would not end when that is set back.
    private func pause(_ milliseconds: Int) {
        for _ in 0..<(milliseconds / Self.step) where !stops { usleep(UInt32(Self.step) * 1000) }
    }
}
