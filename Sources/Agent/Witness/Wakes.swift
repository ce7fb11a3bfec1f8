internal import Primitives

/// Calls to somebody who works through them one after the other; those that nobody took yet count as one.
struct Wakes: Sendable {
    let calls: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (calls, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func wake() { continuation.yield() }
}

extension BackOff {
    /// Between attempts to reach a witness.
    static let witness = BackOff(first: .seconds(5), longest: .seconds(900))
}
