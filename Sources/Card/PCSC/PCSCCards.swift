package import SmartCard
internal import Synchronization

/// The way to real cards through PC/SC: a lane a reader, a fresh connection for each transaction.
package final class PCSCCards: CardAccess {
    private let manager: any ResourceManager
    private let lanes = Mutex<[String: ReaderLane]>([:])

    package init(manager: any ResourceManager = PCSCLite()) { self.manager = manager }

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
            let lane = ReaderLane(reader: reader, manager: manager)
            lanes[reader] = lane
            return lane
        }
    }
}
