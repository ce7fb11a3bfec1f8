internal import Synchronization

/// How far the work on a lane has come.
enum LaneStage {
    /// Other work of ours is before it.
    case queued
    /// The PC/SC service has a call that nobody else can hold up.
    case calling
    /// Another program has the card.
    case waiting
    /// The card has a command.
    case exchanging
    /// A person types on the reader, which answers within this time.
    case entering(Duration)
}

/// Where work on a lane tells how far it has come, and learns that nobody waits for it any more.
protocol LaneProgress: AnyObject {
    var isGiven: Bool { get }
    func reach(_ stage: LaneStage)
}

/// A continuation that takes the first of several answers.
final class OneAnswer<Value: Sendable>: LaneProgress, Sendable {
    private let continuation: Mutex<CheckedContinuation<Value, Never>?>
    private let reached = Mutex((stage: LaneStage.queued, since: ContinuousClock.now))

    init(_ continuation: CheckedContinuation<Value, Never>) { self.continuation = Mutex(continuation) }

    /// The stage, and when it, or the newest command of it, began.
    var progress: (stage: LaneStage, since: ContinuousClock.Instant) { reached.withLock { $0 } }

    func reach(_ stage: LaneStage) { reached.withLock { $0 = (stage, .now) } }

    var isGiven: Bool { continuation.withLock { $0 == nil } }

    func give(_ value: Value) {
        let first = continuation.withLock { held in
            defer { held = nil }
            return held
        }
        first?.resume(returning: value)
    }
}
