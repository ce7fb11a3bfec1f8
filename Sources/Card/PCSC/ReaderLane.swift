internal import Dispatch
internal import SmartCard
internal import Synchronization

/// Whatever is done with one reader, one thing after the other, on a thread of its own that may block or even hang.
final class ReaderLane: Sendable {
    private let reader: String
    private let manager: any ResourceManager
    private let thread: CardThread
    /// Longest time that a single call of ours may go without an answer.
    private let silence: Duration
    private let waiting = Mutex(0)
    /// Whether the work in hand was given up because nothing answers, and has not come back yet.
    private let isSilent = Mutex(false)

    /// More callers than this behind a card that hangs are turned away at once.
    private static let mostWaiting = 16
    /// So often another program may reset the card while we wait for our turn.
    private static let mostResets = 4
    private static let timers = DispatchQueue(label: "card deadlines")
    /// How often a caller looks whether its turn has come.
    private static let look = Duration.milliseconds(200)

    init(reader: String, manager: any ResourceManager, silence: Duration) {
        self.reader = reader
        self.manager = manager
        self.silence = silence
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
                isSilent.withLock { $0 = false }
                answer.give(perform(with: insertion, end, answer, body))
                isSilent.withLock { $0 = false }
            }
            watch(answer, until: end, in: min(deadline, silence, Self.look))
        }
        return try outcome.get()
    }

    /// Answers in place of work that has no answer within its time; looks after `pause` and as often as need be.
    private func watch<Value: Sendable>(
        _ answer: OneAnswer<Result<Value, CardError>>, until end: ContinuousClock.Instant, in pause: Duration
    ) {
        Self.timers.asyncAfter(deadline: .now() + pause.inSeconds) { [self] in
            guard !answer.isGiven else { return }
            let (now, (stage, since)) = (ContinuousClock.now, answer.progress)
            let isLong = since.duration(to: now) >= silence
            switch stage {
            case .queued where isLong && isSilent.withLock({ $0 }): answer.give(.failure(.deadlineExceeded))
            case .queued where now >= end: answer.give(.failure(.cardBusy(holder: nil)))
            case .waiting where now >= end: answer.give(.failure(.cardBusy(holder: CardUsers.others())))
            case .calling where isLong || now >= end:
                isSilent.withLock { $0 = true }
                answer.give(.failure(.serviceUnavailable))
            case .exchanging where isLong || now >= end:
                isSilent.withLock { $0 = true }
                answer.give(.failure(.deadlineExceeded))
            case .entering(let longest) where since.duration(to: now) >= longest || now >= end:
                isSilent.withLock { $0 = true }
                answer.give(.failure(.deadlineExceeded))
            case .queued, .waiting, .entering: watch(answer, until: end, in: min(now.duration(to: end), Self.look))
            case .calling, .exchanging: watch(answer, until: end, in: min(now.duration(to: end), now.duration(to: since + silence)))
            }
        }
    }

    private func perform<Result: Sendable>(
        with insertion: Insertion, _ end: ContinuousClock.Instant, _ progress: any LaneProgress,
        _ body: (any CardChannel) throws(CardError) -> Result
    ) -> Swift.Result<Result, CardError> {
        do throws(PCSCError) {
            progress.reach(.calling)
            let context = try manager.establishContext()
            defer { manager.releaseContext(context) }
            let (card, transmissionProtocol) = try openTransaction(context, progress)
            var afterUse = AfterUse.leave
            defer { manager.disconnect(card, afterUse) }
            guard try isStill(insertion, context) else {
                try manager.endTransaction(card, .leave)
                return .failure(.cardRemoved)
            }
            let channel = PCSCChannel(
                manager: manager, card: card, transmissionProtocol: transmissionProtocol, deadline: end, progress: progress)
            let result: Swift.Result<Result, CardError>
            do throws(CardError) {
                result = .success(try body(channel))
            } catch {
                result = .failure(explain(error, insertion, context))
            }
            progress.reach(.calling)
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
    private func openTransaction(
        _ context: Int, _ progress: any LaneProgress
    ) throws(PCSCError) -> (card: Int, protocol: TransmissionProtocol) {
        var resets = 0
        while true {
            progress.reach(.calling)
            let (card, transmissionProtocol) = try manager.connect(context, reader: reader)
            do throws(PCSCError) {
                progress.reach(.waiting)
                try manager.beginTransaction(card)
                progress.reach(.calling)
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

    /// A command or an entry that failed may mean that the card went mute, or left: PC/SC notices a departure a moment later.
    private func explain(_ error: CardError, _ insertion: Insertion, _ context: Int) -> CardError {
        guard [.cardMute, .cardAbsent, .keypadTimeout, .keypadCancelled].contains(error) else { return error }
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

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
