internal import Synchronization

/// Counts open connections, so that no user takes the place of the others and descriptors never run out.
final class ConnectionGate: Sendable {
    private let limits: SocketLimits
    private let open = Mutex<[UInt32?: Int]>([:])

    init(limits: SocketLimits) { self.limits = limits }

    /// Takes a place for a connection of this user, unless there is none left.
    func enter(_ uid: UInt32?) -> Bool {
        open.withLock { open in
            let own = open[uid, default: 0]
            guard own < limits.connectionsPerUser, open.values.reduce(0, +) < limits.connections else { return false }
            open[uid] = own + 1
            return true
        }
    }

    /// Gives the place back.
    func leave(_ uid: UInt32?) {
        open.withLock { open in
            let left = open[uid, default: 0] - 1
            open[uid] = left > 0 ? left : nil
        }
    }
}
