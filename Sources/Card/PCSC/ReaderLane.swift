internal import Dispatch
internal import SmartCard
internal import Synchronization

/// Whatever is done with one reader, one thing after the other, on a thread of its own that may block or even hang.
final class ReaderLane: Sendable {
    private let reader: String
    private let manager: any ResourceManager
    private let thread: CardThread
    private let waiting = Mutex(0)

    /// More callers than this behind a card that hangs are turned away at once.
    private static let mostWaiting = 16
    /// So often another program may reset the card while we wait for our turn.
    private static let mostResets = 4
    private static let timers = DispatchQueue(label: "card deadlines")

    init(reader: String, manager: any ResourceManager) {
        self.reader = reader
        self.manager = manager
        thread = CardThread(name: "card-lane")
    }

    func transaction<Result: Sendable>(
        with insertion: Insertion, deadline: Duration,
        _ body: @escaping @Sendable (any CardChannel) throws(CardError) -> Result
    ) async throws(CardError) -> Result {
        let isTaken = waiting.withLock { count in
            guard count < Self.mostWaiting else { return false }
            count += 1
            return true
        }
        guard isTaken else { throw .cardBusy(holder: nil) }
        let end = ContinuousClock.now.advanced(by: deadline)
        let outcome: Swift.Result<Result, CardError> = await withCheckedContinuation { continuation in
            let answer = OneAnswer(continuation)
            thread.async { [self] in
                defer { waiting.withLock { $0 -= 1 } }
                // A caller that gave up must not have its work done behind its back.
                guard !answer.isGiven else { return }
                answer.reach(.waiting)
                answer.give(perform(with: insertion, end, body) { answer.reach(.exchanging) })
            }
            Self.timers.asyncAfter(deadline: .now() + deadline.inSeconds) {
                guard !answer.isGiven else { return }
                switch answer.stage {
                case .queued: answer.give(.failure(.cardBusy(holder: nil)))
                case .waiting: answer.give(.failure(.cardBusy(holder: CardUsers.others())))
                case .exchanging: answer.give(.failure(.deadlineExceeded))
                }
            }
        }
        return try outcome.get()
    }

    private func perform<Result: Sendable>(
        with insertion: Insertion, _ end: ContinuousClock.Instant,
        _ body: (any CardChannel) throws(CardError) -> Result, begun: () -> Void
    ) -> Swift.Result<Result, CardError> {
        do throws(PCSCError) {
            let context = try manager.establishContext()
            defer { manager.releaseContext(context) }
            let (card, transmissionProtocol) = try openTransaction(context)
            begun()
            var afterUse = AfterUse.leave
            defer { manager.disconnect(card, afterUse) }
            guard try isStill(insertion, context) else {
                try manager.endTransaction(card, .leave)
                return .failure(.cardRemoved)
            }
            let channel = PCSCChannel(manager: manager, card: card, transmissionProtocol: transmissionProtocol, deadline: end)
            let result: Swift.Result<Result, CardError>
            do throws(CardError) {
                result = .success(try body(channel))
            } catch {
                result = .failure(explain(error, insertion, context))
            }
            // Should the reset at the end of the transaction fail, closing the handle asks for it again.
            afterUse = channel.afterUse
            do throws(PCSCError) { try manager.endTransaction(card, channel.afterUse) } catch { return result }
            afterUse = .leave
            return result
        } catch {
            switch error {
            case .noSmartCard: return .failure(.cardRemoved)
            case .sharingViolation: return .failure(.cardBusy(holder: CardUsers.others()))
            default: return .failure(error.cardError)
            }
        }
    }

    /// A connection whose turn has come.
    ///
    /// A reset by another program between the two has touched nothing of ours yet, so the card is connected to again.
    private func openTransaction(_ context: Int) throws(PCSCError) -> (card: Int, protocol: TransmissionProtocol) {
        var resets = 0
        while true {
            let (card, transmissionProtocol) = try manager.connect(context, reader: reader)
            do throws(PCSCError) {
                try manager.beginTransaction(card)
                return (card, transmissionProtocol)
            } catch {
                manager.disconnect(card, .leave)
                resets += 1
                guard error == .resetCard, resets < Self.mostResets else { throw error }
            }
        }
    }

    /// Whether the card in the reader is in the same stay: nothing came or went since, by PC/SC's own count.
    private func isStill(_ insertion: Insertion, _ context: Int) throws(PCSCError) -> Bool {
        var rows = [ReaderRow(name: reader)]
        _ = try manager.waitForChange(context, &rows, milliseconds: 0)
        return rows[0].isCardPresent && rows[0].eventCount == insertion.eventCount
    }

    /// A command that failed may mean that the card went mute, or left: PC/SC notices a departure a moment later.
    private func explain(_ error: CardError, _ insertion: Insertion, _ context: Int) -> CardError {
        guard [.cardMute, .cardAbsent].contains(error) else { return error }
        do throws(PCSCError) {
            var rows = [ReaderRow(name: reader)]
            _ = try manager.waitForChange(context, &rows, milliseconds: 0)
            if rows[0].isCardPresent, rows[0].eventCount == insertion.eventCount {
                rows[0].known = rows[0].found & ~0x0002
                _ = try manager.waitForChange(context, &rows, milliseconds: 700)
            }
            return rows[0].isCardPresent && rows[0].eventCount == insertion.eventCount ? error : .cardRemoved
        } catch {
            return error.cardError
        }
    }
}

/// A continuation that takes the first of several answers.
private final class OneAnswer<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value, Never>?>
    private let reached = Mutex(Stage.queued)

    /// How far the work that answers has come.
    enum Stage {
        /// Other work of ours is before it.
        case queued
        /// Another program has the card.
        case waiting
        case exchanging
    }

    init(_ continuation: CheckedContinuation<Value, Never>) { self.continuation = Mutex(continuation) }

    var stage: Stage { reached.withLock { $0 } }

    func reach(_ stage: Stage) { reached.withLock { $0 = stage } }

    var isGiven: Bool { continuation.withLock { $0 == nil } }

    func give(_ value: Value) {
        let first = continuation.withLock { held in
            defer { held = nil }
            return held
        }
        first?.resume(returning: value)
    }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
