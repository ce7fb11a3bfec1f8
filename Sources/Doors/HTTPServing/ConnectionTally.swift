internal import Synchronization

/// How many connections a listener has open, and how many it turned away since it began.
package final class ConnectionTally: Sendable {
    private let counts = Mutex((open: 0, refused: 0))

    package init() {}

    package var open: Int { counts.withLock(\.open) }
    package var refused: Int { counts.withLock(\.refused) }

    func entered() { counts.withLock { $0.open += 1 } }
    func left() { counts.withLock { $0.open -= 1 } }
    func turnedAway() { counts.withLock { $0.refused += 1 } }
}
