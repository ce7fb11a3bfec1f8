internal import Primitives
internal import Sessions
internal import Synchronization

/// How much is answered to other machines in a while.
package struct RemoteLimits: Hashable, Sendable {
    /// Requests a second, four times as many at once: from one address, with one key, of one program on all devices together, and of one
    /// server.
    let address: Int
    let thumbprint: Int
    let client: Int
    let server: Int

    package init(address: Int = 50, thumbprint: Int = 20, client: Int = 1000, server: Int = 5000) {
        self.address = address
        self.thumbprint = thumbprint
        self.client = client
        self.server = server
    }
}

/// Counts requests of other machines. Taken before anything is read, decided or traced.
final class RemoteBudgets: Sendable {
    private enum Party: Hashable {
        case address(String)
        case thumbprint(String)
        case client(String)
    }

    /// What is left, as it was at a time since boot.
    private struct Purse {
        var left: Double
        var at: Duration
    }

    private let limits: RemoteLimits
    private let time: any TimeSource
    private let purses = Mutex<[Party: Purse]>([:])

    /// Parties that are remembered. When there are more, those whose purse is full again are forgotten, then all but the programs: a flood
    /// must not cost memory.
    static let most = 4096
    private static let burst = 4.0

    init(_ limits: RemoteLimits, time: any TimeSource) {
        self.limits = limits
        self.time = time
    }

    /// Whether a request may be looked at.
    func take(_ request: MobileRequest) -> Bool {
        take([
            (.address(request.network), limits.address), (.thumbprint(request.thumbprint), limits.thumbprint),
            (.client(request.client.name), limits.client),
        ])
    }

    /// The same for a server, which is known by its name.
    func take(server: String) -> Bool { take([(.client(server), limits.server)]) }

    /// One of each, or of none.
    private func take(_ parties: [(Party, Int)]) -> Bool {
        let now = time.sinceBoot()
        return purses.withLock { purses in
            var after: [Party: Purse] = [:]
            for (party, rate) in parties {
                let most = Double(rate) * Self.burst
                var purse = purses[party] ?? Purse(left: most, at: now)
                purse.left = min(most, purse.left + max(0, (now - purse.at) / .seconds(1)) * Double(rate))
                purse.at = now
                guard purse.left >= 1 else { return false }
                purse.left -= 1
                after[party] = purse
            }
            if purses.count + after.count > Self.most {
                purses = purses.filter { now - $0.value.at < .seconds(Self.burst) }
                if purses.count + after.count > Self.most {
                    purses = purses.filter { if case .client = $0.key { true } else { false } }
                }
            }
            purses.merge(after) { _, new in new }
            return true
        }
    }
}
