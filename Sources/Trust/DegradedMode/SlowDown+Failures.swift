/// The failures at one account. Times are since the machine's start; before it they are negative.
struct AccountFailures: Hashable, Sendable {
    struct Pair: Hashable, Sendable {
        var count: Int
        var last: Duration
    }

    /// By source.
    var pairs: [String: Pair] = [:]
    /// Sources that have got in, the latest last.
    var own: [String] = []

    var hasAny: Bool { !pairs.isEmpty }
    var isEmpty: Bool { pairs.isEmpty && own.isEmpty }
    var latest: Duration { pairs.values.map(\.last).max() ?? .zero }

    func wait(of source: String, _ moment: SlowDown.Moment) -> Int64 {
        guard let pair = pairs[source] else { return 0 }
        let wait = SlowDown.waits[min(pair.count, SlowDown.waits.count - 1)]
        return SlowDown.left(of: wait, since: pair.last, moment)
    }

    func waitForOthers(than source: String, _ moment: SlowDown.Moment) -> Int64 {
        guard !own.contains(source) else { return 0 }
        let foreign = pairs.filter { !own.contains($0.key) && $0.key != source }.values
        let excess = foreign.reduce(0) { $0 + $1.count } - SlowDown.freeOfOthers
        guard excess >= 0, let last = foreign.map(\.last).max() else { return 0 }
        let wait = excess < 4 ? 5 << Int64(excess) : SlowDown.longestForOthers
        return SlowDown.left(of: min(wait, SlowDown.longestForOthers), since: last, moment)
    }

    mutating func count(_ source: String, at time: Duration) {
        if pairs[source] == nil, pairs.count >= SlowDown.mostPairs, let oldest = pairs.min(by: { $0.value.last < $1.value.last }) {
            pairs[oldest.key] = nil
        }
        pairs[source] = Pair(count: (pairs[source]?.count ?? 0) + 1, last: time)
    }

    mutating func succeed(_ source: String) {
        pairs[source] = nil
        own.removeAll { $0 == source }
        own.append(source)
        if own.count > SlowDown.mostPairs { own.removeFirst() }
    }

    mutating func giveBack(_ source: String) {
        guard let pair = pairs[source] else { return }
        pairs[source] = pair.count > 1 ? Pair(count: pair.count - 1, last: pair.last) : nil
    }

    mutating func clear(_ source: String? = nil) {
        if let source { pairs[source] = nil } else { pairs = [:] }
    }

    /// Whether none of it is older.
    func outlives(_ limit: Duration) -> Bool { pairs.values.allSatisfy { $0.last > limit } }

    /// What is left when older failures are forgotten; `nil` for nothing.
    func since(_ limit: Duration) -> AccountFailures? {
        var left = self
        left.pairs = pairs.filter { $0.value.last > limit }
        return left.isEmpty ? nil : left
    }
}

/// The failures of one source, at whatever accounts.
struct SourceFailures: Hashable, Sendable {
    /// The latest last; ``SlowDown/mostOfSource`` at most.
    var times: [Duration] = []
    var lockedAt: Duration?

    mutating func count(at time: Duration) {
        times.append(time)
        if times.count >= SlowDown.mostOfSource { lockedAt = time }
    }

    mutating func giveBack() {
        if !times.isEmpty { times.removeLast() }
        lockedAt = nil
    }

    func outlives(_ limit: Duration) -> Bool { times.allSatisfy { $0 > limit } && lockedAt ?? limit + .seconds(1) > limit }

    func since(_ limit: Duration) -> SourceFailures? {
        let isLocked = lockedAt.map { $0 > limit } ?? false
        let left = SourceFailures(times: times.filter { $0 > limit }, lockedAt: isLocked ? lockedAt : nil)
        return left.times.isEmpty && left.lockedAt == nil ? nil : left
    }
}
