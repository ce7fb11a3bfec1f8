/// Pauses between attempts: each twice the one before, up to the longest.
package struct BackOff: Hashable, Sendable {
    private let longest: Duration
    private var pause: Duration

    package init(first: Duration, longest: Duration) {
        pause = first
        self.longest = longest
    }

    package mutating func next() -> Duration {
        defer { pause = min(pause * 2, longest) }
        return pause
    }
}
