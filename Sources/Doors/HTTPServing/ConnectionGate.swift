internal import Synchronization

/// Counts open connections, so that nobody takes the places of the others and descriptors never run out.
package final class ConnectionGate<Who: Hashable & Sendable>: Sendable {
    private let each: Int
    private let all: Int
    private let tally: ConnectionTally
    private let open = Mutex(Counts())

    private struct Counts {
        var byWho: [Who: Int] = [:]
        var all = 0
    }

    /// - Parameters:
    ///   - each: open connections that one may have.
    ///   - all: and all together.
    package init(each: Int, all: Int, tally: ConnectionTally = ConnectionTally()) {
        self.each = each
        self.all = all
        self.tally = tally
    }

    /// Takes a place, unless there is none left.
    package func enter(_ who: Who) -> Bool {
        let isIn = open.withLock { open in
            let own = open.byWho[who, default: 0]
            guard own < each, open.all < all else { return false }
            open.byWho[who] = own + 1
            open.all += 1
            return true
        }
        if isIn { tally.entered() } else { tally.turnedAway() }
        return isIn
    }

    /// Gives the place back.
    package func leave(_ who: Who) {
        open.withLock { open in
            let left = open.byWho[who, default: 0] - 1
            open.byWho[who] = left > 0 ? left : nil
            open.all -= 1
        }
        tally.left()
    }
}
