/// One element a period.
struct Ticks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    private let every: Duration
    private var isFirst: Bool

    /// - Parameter startsAtOnce: whether the first element comes without waiting.
    init(every: Duration, startsAtOnce: Bool = false) {
        self.every = every
        isFirst = startsAtOnce
    }

    mutating func next() async -> Void? {
        if isFirst {
            isFirst = false
            return ()
        }
        do { try await Task.sleep(for: every) } catch { return nil }
        return ()
    }

    func makeAsyncIterator() -> Ticks { self }
}
