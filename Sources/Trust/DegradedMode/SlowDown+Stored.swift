package import Primitives

/// Failures as they are stored, one document an account and one a source, by the wall clock.
extension SlowDown {
    /// `nil` when there is nothing to keep.
    package func stored(account: String, at moment: Moment) -> JSON? {
        guard let failures = accounts[account], !failures.isEmpty else { return nil }
        return [
            "own": .array(failures.own.map(JSON.string)),
            "failures": .object(
                failures.pairs.mapValues { ["count": .int(Int64($0.count)), "last": .string(Self.wall($0.last, moment).description)] }),
        ]
    }

    /// `nil` when there is nothing to keep.
    package func stored(source: String, at moment: Moment) -> JSON? {
        guard let failures = sources[source] else { return nil }
        return .members([
            "failures": .array(failures.times.map { .string(Self.wall($0, moment).description) }),
            "locked_at": failures.lockedAt.map { .string(Self.wall($0, moment).description) },
        ])
    }

    /// Takes in what ``stored(account:at:)`` gave in an earlier run. Whether it could be read; one that cannot be is as if there were none.
    package mutating func restore(account: String, _ json: JSON, at moment: Moment) -> Bool {
        guard let own = json["own"]?.array, own.count <= Self.mostPairs, case .object(let pairs)? = json["failures"],
            pairs.count <= Self.mostPairs
        else { return false }
        var failures = AccountFailures()
        for name in own {
            guard let name = name.string else { return false }
            failures.own.append(name)
        }
        for (source, pair) in pairs {
            guard let count = pair["count"]?.int, (1...1_000_000).contains(count), let last = Self.since(pair["last"], moment)
            else { return false }
            failures.pairs[source] = .init(count: Int(count), last: last)
        }
        accounts[account] = failures
        return true
    }

    /// Takes in what ``stored(source:at:)`` gave in an earlier run. Whether it could be read; one that cannot be is as if there were none.
    package mutating func restore(source: String, _ json: JSON, at moment: Moment) -> Bool {
        guard let texts = json["failures"]?.array, texts.count <= Self.mostOfSource else { return false }
        let times = texts.compactMap { Self.since($0, moment) }
        guard times.count == texts.count else { return false }
        var failures = SourceFailures(times: times.sorted(), lockedAt: nil)
        if let locked = json["locked_at"] {
            guard let lockedAt = Self.since(locked, moment) else { return false }
            failures.lockedAt = lockedAt
        }
        sources[source] = failures
        return true
    }

    private static func wall(_ time: Duration, _ moment: Moment) -> Timestamp {
        let ago = (moment.sinceBoot - time).components
        return Timestamp(milliseconds: moment.wall.milliseconds - ago.seconds * 1000 - ago.attoseconds / 1_000_000_000_000_000)
    }

    /// A stored time by the clock of this run. One that is still to come was stored before the clock was set back: it counts as now.
    private static func since(_ text: JSON?, _ moment: Moment) -> Duration? {
        guard let time = text?.string.flatMap({ Timestamp($0) }) else { return nil }
        return moment.sinceBoot - .milliseconds(max(0, moment.wall.milliseconds - time.milliseconds))
    }
}
