package import SmartCard
internal import Synchronization

/// The way to real cards through PC/SC: a lane a reader, a fresh connection for each transaction.
package final class PCSCCards: CardAccess {
    private let manager: any ResourceManager
    private let silence: Duration
    private let lanes = Mutex<[String: ReaderLane]>([:])

    /// Longest time that a card or the service may take for one command, unless told otherwise: far more than any small command takes,
    /// more than a signature, and little enough for a clear answer within two seconds.
    package static let usualSilence = Duration.milliseconds(1500)

    /// - Parameter silence: longest time that one command may take.
    package init(manager: any ResourceManager = PCSCLite(), silence: Duration = usualSilence) {
        self.manager = manager
        self.silence = silence
    }

    package func transaction<Result: Sendable>(
        with insertion: Insertion, rereads: Bool, deadline: Duration,
        _ body: @escaping @Sendable (any CardChannel) throws(CardError) -> Result
    ) async throws(CardError) -> Result {
        let lane = lane(for: insertion.reader)
        let end = ContinuousClock.now.advanced(by: deadline)
        do throws(CardError) {
            return try await lane.transaction(with: insertion, deadline: deadline, body)
        } catch {
            guard error == .cardReset, rereads else { throw error }
            return try await lane.transaction(with: insertion, deadline: ContinuousClock.now.duration(to: end), body)
        }
    }

    private func lane(for reader: String) -> ReaderLane {
        lanes.withLock { lanes in
            if let lane = lanes[reader] { return lane }
            let lane = ReaderLane(reader: reader, manager: manager, silence: silence)
            lanes[reader] = lane
            return lane
        }
    }
}
