package import Primitives

/// How long the next attempt of a password must wait, after the failures so far: a value, kept by whoever owns the accounts.
///
/// An attempt is counted before it is tried, and given back only when it succeeds, so that attempts made at once cannot spend one
/// allowance twice. Failures count by account **and** source (a user of this machine): what waits up to a quarter of an hour is that pair.
/// An account as a whole waits no longer than a minute, and not at all for a source that has got in before: who knows a public number
/// cannot lock its owner out. A source that fails too often in a day is locked, whatever accounts it tried.
///
/// Waits are measured by the clock that runs from the machine's start, which nobody can set. Across restarts there is the wall clock
/// alone; one that was set back makes a wait begin anew, never end early.
package struct SlowDown: Hashable, Sendable {
    /// One moment by both clocks.
    package struct Moment: Hashable, Sendable {
        package let wall: Timestamp
        package let sinceBoot: Duration

        package init(wall: Timestamp, sinceBoot: Duration) {
            self.wall = wall
            self.sinceBoot = sinceBoot
        }

        package init(_ time: any TimeSource) { self.init(wall: time.now(), sinceBoot: time.sinceBoot()) }
    }

    package enum Verdict: Hashable, Sendable {
        /// Counted as a failure until ``succeed(_:from:)`` or ``giveBack(_:from:)`` says otherwise.
        case go
        /// Whole seconds until the next attempt; nothing was counted.
        case wait(Int64)
        /// The source is locked for so many seconds, unless somebody unlocks it.
        case locked(Int64)
    }

    /// Seconds to wait after so many failures of one source at one account; the last one for all beyond.
    package static let waits: [Int64] = [0, 0, 0, 5, 20, 90, 180, 360, 720, 900]
    /// Failures of other sources at one account that nobody waits for.
    package static let freeOfOthers = 10
    /// Seconds that failures of other sources make anybody wait at most.
    package static let longestForOthers: Int64 = 60
    /// Failures in a day that lock a source, at whatever accounts.
    package static let mostOfSource = 20
    /// After so long failures are forgotten, and a lock ends.
    package static let day: Int64 = 86_400

    static let mostAccounts = 1024
    static let mostSources = 256
    /// Sources of one account that are told apart, and that it remembers as its own.
    static let mostPairs = 64

    var accounts: [String: AccountFailures] = [:]
    var sources: [String: SourceFailures] = [:]

    package init() {}

    /// How many are remembered.
    package var size: (accounts: Int, sources: Int) { (accounts.count, sources.count) }

    /// Whether anything is counted for it.
    package func knows(account: String) -> Bool { accounts[account] != nil }
    package func knows(source: String) -> Bool { sources[source] != nil }

    /// Asks for an attempt, and counts it.
    package mutating func reserve(_ account: String, from source: String, at moment: Moment) -> Verdict {
        forget(before: moment)
        if let lock = sources[source]?.lockedAt { return .locked(Self.left(of: Self.day, since: lock, moment)) }
        var failures = accounts[account] ?? AccountFailures()
        let wait = max(failures.wait(of: source, moment), failures.waitForOthers(than: source, moment))
        guard wait == 0 else { return .wait(wait) }
        failures.count(source, at: moment.sinceBoot)
        makeRoom(for: account, source)
        accounts[account] = failures
        sources[source, default: SourceFailures()].count(at: moment.sinceBoot)
        return .go
    }

    /// The attempt was right: it counts for nothing, and this source is one of the account's own from now on.
    package mutating func succeed(_ account: String, from source: String) {
        accounts[account]?.succeed(source)
        sources[source]?.giveBack()
        drop(account, source)
    }

    /// The attempt was not tried, such as when too many were waiting.
    package mutating func giveBack(_ account: String, from source: String) {
        accounts[account]?.giveBack(source)
        sources[source]?.giveBack()
        drop(account, source)
    }

    /// Forgets the failures at an account; its own sources stay known. Whether there were any.
    package mutating func unlock(account: String) -> Bool {
        guard let failures = accounts[account], failures.hasAny else { return false }
        accounts[account]?.clear()
        drop(account, nil)
        return true
    }

    /// Forgets the failures of a source, its lock too. Whether there were any.
    package mutating func unlock(source: String) -> Bool {
        for account in accounts.keys { accounts[account]?.clear(source) }
        return sources.removeValue(forKey: source) != nil
    }

    /// Seconds for which a source is locked still; `nil` when it is not.
    package func lock(of source: String, at moment: Moment) -> Int64? {
        guard let lockedAt = sources[source]?.lockedAt else { return nil }
        let left = Self.left(of: Self.day, since: lockedAt, moment)
        return left > 0 ? left : nil
    }

    static func left(of wait: Int64, since last: Duration, _ moment: Moment) -> Int64 {
        let left = .seconds(wait) - (moment.sinceBoot - last)
        guard left > .zero else { return 0 }
        let (seconds, rest) = left.components
        return rest > 0 ? seconds + 1 : seconds
    }

    private mutating func forget(before moment: Moment) {
        let limit = moment.sinceBoot - .seconds(Self.day)
        for (name, failures) in sources where !failures.outlives(limit) { sources[name] = failures.since(limit) }
        for (name, failures) in accounts where !failures.outlives(limit) { accounts[name] = failures.since(limit) }
    }

    private mutating func drop(_ account: String, _ source: String?) {
        if accounts[account]?.isEmpty ?? false { accounts[account] = nil }
        if let source, sources[source]?.times.isEmpty ?? false { sources[source] = nil }
    }

    /// Nobody can make this grow without bound; whoever failed longest ago is forgotten first.
    private mutating func makeRoom(for account: String, _ source: String) {
        if accounts[account] == nil, accounts.count >= Self.mostAccounts,
            let oldest = accounts.min(by: { $0.value.latest < $1.value.latest })
        {
            accounts[oldest.key] = nil
        }
        if sources[source] == nil, sources.count >= Self.mostSources,
            let oldest = sources.min(by: { ($0.value.times.last ?? .zero) < ($1.value.times.last ?? .zero) })
        {
            sources[oldest.key] = nil
        }
    }
}
