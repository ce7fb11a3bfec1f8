import Primitives

/// When waiting ends, on the clock that no one can set.
struct Deadline: Sendable {
    private let time: any TimeSource
    /// Since the machine started; `nil` for never.
    private let end: Duration?

    init(_ patience: Duration?, _ time: any TimeSource) {
        self.time = time
        end = patience.map { time.sinceBoot() + $0 }
    }

    /// Milliseconds left, as poll(2) takes them: -1 for no limit, 0 when it is over.
    var pollTimeout: Int32 {
        guard let end else { return -1 }
        let left = end - time.sinceBoot()
        guard left > .zero else { return 0 }
        return Int32(clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1)
    }
}
