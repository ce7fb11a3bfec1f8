package import Primitives
internal import Synchronization

/// How much each user of the machine may ask for in a while. Taken before anything is read, decided or traced.
///
/// Root is not held: whoever is root can stop the agent anyway.
package final class CallerBudgets: Sendable {
    package enum Kind: Int, Sendable, CaseIterable {
        case request, login, pin
        /// Emergencies that are declared or extended, reviews, notes.
        case emergency

        /// As in the configuration, and in figures.
        package var name: String {
            switch self {
            case .request: "requests"
            case .login: "logins"
            case .pin: "pins"
            case .emergency: "emergencies"
            }
        }
    }

    package struct Limits: Hashable, Sendable {
        /// A second; four times as many at once.
        package let requests: Int
        /// A minute, all at once if need be.
        package let logins: Int
        package let pins: Int
        package let emergencies: Int

        package init(requests: Int, logins: Int, pins: Int, emergencies: Int = 20) {
            self.requests = requests
            self.logins = logins
            self.pins = pins
            self.emergencies = emergencies
        }
    }

    private struct Allowance {
        let perSecond: Double
        let most: Double
    }

    /// What is left for one user, as it was at a time since boot.
    private struct Purse {
        var left: [Double]
        var at: Duration
    }

    private struct State {
        var allowances: [Allowance]
        var purses: [UInt32: Purse] = [:]
        var refusals = [Int](repeating: 0, count: Kind.allCases.count)
    }

    private let time: any TimeSource
    private let state: Mutex<State>

    /// Users that are remembered; the one that was longest away is forgotten first.
    package static let mostUsers = 1024

    package init(_ limits: Limits, time: any TimeSource) {
        self.time = time
        state = Mutex(State(allowances: Self.allowances(limits)))
    }

    /// From now on these limits hold; what was taken stays taken.
    package func replace(by limits: Limits) { state.withLock { $0.allowances = Self.allowances(limits) } }

    /// How often each budget was used up when it was asked for.
    package var refusals: [(kind: Kind, count: Int)] {
        let counts = state.withLock(\.refusals)
        return Kind.allCases.map { ($0, counts[$0.rawValue]) }
    }

    private static func allowances(_ limits: Limits) -> [Allowance] {
        [
            Allowance(perSecond: Double(limits.requests), most: Double(limits.requests) * 4),
            Allowance(perSecond: Double(limits.logins) / 60, most: Double(limits.logins)),
            Allowance(perSecond: Double(limits.pins) / 60, most: Double(limits.pins)),
            Allowance(perSecond: Double(limits.emergencies) / 60, most: Double(limits.emergencies)),
        ]
    }

    /// Takes one of a kind, or refuses with the whole seconds until there is one again.
    package func take(_ kind: Kind, for uid: UInt32) throws(Refusal) {
        guard uid != 0 else { return }
        let now = time.sinceBoot()
        let (missing, perSecond) = state.withLock { state in
            var purse = state.purses[uid] ?? Purse(left: state.allowances.map(\.most), at: now)
            let passed = max(0, (now - purse.at) / .seconds(1))
            for (index, allowance) in state.allowances.enumerated() {
                purse.left[index] = min(allowance.most, purse.left[index] + passed * allowance.perSecond)
            }
            purse.at = now
            let missing = max(0, 1 - purse.left[kind.rawValue])
            if missing == 0 { purse.left[kind.rawValue] -= 1 } else { state.refusals[kind.rawValue] += 1 }
            if state.purses[uid] == nil, state.purses.count >= Self.mostUsers,
                let oldest = state.purses.min(by: { $0.value.at < $1.value.at })
            {
                state.purses[oldest.key] = nil
            }
            state.purses[uid] = purse
            return (missing, state.allowances[kind.rawValue].perSecond)
        }
        guard missing > 0 else { return }
        // A whole second must not become two by rounding on the way.
        let seconds = (missing / perSecond - 1e-6).rounded(.up)
        throw Refusal(.rateLimited, ["retry_after": .int(max(1, Int64(seconds)))])
    }
}
