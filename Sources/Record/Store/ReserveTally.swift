internal import Audit
internal import Primitives

/// How much of the reserve each kind of decision has used: nobody can use up what is kept for others.
struct ReserveTally: Hashable, Sendable {
    private enum Share: Hashable, Sendable {
        case agent, endings, emergencies
    }

    /// Bytes of the whole reserve.
    let size: Int
    private var used: [Share: Int] = [:]
    private var people: [String: Int] = [:]

    /// Room that a frame takes beside its entries.
    private static let overhead = 192
    private static let leastQuota = 32_768

    init(size: Int) { self.size = size }

    var total: Int { used.values.reduce(0, +) }

    /// Bytes of emergencies that one person may have in the reserve.
    var quota: Int { max(limit(.emergencies) / 16, Self.leastQuota) }

    enum Verdict: Hashable, Sendable {
        case admitted, shareUsedUp, quotaUsedUp
    }

    /// Counts an entry if its share has room for it.
    mutating func admit(_ entry: ReserveEntry) -> Verdict {
        guard let share = share(of: entry.urgency) else { return .shareUsedUp }
        let cost = entry.json.canonical.count + Self.overhead
        let person = entry.urgency.person
        if let person, people[person, default: 0] + cost > quota { return .quotaUsedUp }
        guard used[share, default: 0] + cost <= limit(share) else { return .shareUsedUp }
        used[share, default: 0] += cost
        if let person { people[person, default: 0] += cost }
        return .admitted
    }

    private func share(of urgency: Urgency) -> Share? {
        switch urgency {
        case .ordinary: nil
        case .agent: .agent
        case .ending: .endings
        case .emergency: .emergencies
        }
    }

    private func limit(_ share: Share) -> Int {
        switch share {
        case .emergencies: size / 2
        case .endings: size / 8 * 3
        case .agent: size / 8
        }
    }
}
