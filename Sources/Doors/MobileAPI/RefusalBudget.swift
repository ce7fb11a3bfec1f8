internal import Primitives
internal import Synchronization

/// How many requests of one network may be refused for what was in them: so that nobody tries codes, tokens and keys as fast as the line
/// allows, nor has us check signatures for nothing. Taken before anything is read.
final class RefusalBudget: Sendable {
    private struct Purse {
        var left: Double
        var at: Duration
    }

    private let most: Double
    private let perSecond: Double
    private let time: any TimeSource
    private let purses = Mutex<[String: Purse]>([:])

    /// Networks that are remembered; the one that was longest away is forgotten first.
    static let mostNetworks = 4096

    init(most: Int, perSecond: Int, time: any TimeSource) {
        self.most = Double(most)
        self.perSecond = Double(perSecond)
        self.time = time
    }

    /// Whole seconds until this network is heard again; `nil` when it is heard now.
    func wait(_ network: String) -> Int64? {
        let now = time.sinceBoot()
        return purses.withLock { purses in
            guard let purse = purses[network] else { return nil }
            let left = filled(purse, now).left
            return left >= 1 ? nil : max(1, Int64(((1 - left) / perSecond).rounded(.up)))
        }
    }

    /// Counts a refusal; whether it was the last one for now.
    func take(_ network: String) -> Bool {
        let now = time.sinceBoot()
        return purses.withLock { purses in
            var purse = purses[network].map { filled($0, now) } ?? Purse(left: most, at: now)
            let before = purse.left
            purse.left = max(0, purse.left - 1)
            if purses[network] == nil, purses.count >= Self.mostNetworks, let oldest = purses.min(by: { $0.value.at < $1.value.at }) {
                purses[oldest.key] = nil
            }
            purses[network] = purse
            return before >= 1 && purse.left < 1
        }
    }

    private func filled(_ purse: Purse, _ now: Duration) -> Purse {
        Purse(left: min(most, purse.left + max(0, (now - purse.at) / .seconds(1)) * perSecond), at: now)
    }
}
