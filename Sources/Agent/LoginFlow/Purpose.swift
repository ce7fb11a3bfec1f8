internal import Audit
internal import Sessions

/// What a person gives a code of the card for.
enum Purpose: Hashable, Sendable {
    case login
    /// A session that is locked shall be usable again.
    case unlock(Session)

    /// The session that it is about.
    var session: Session? { if case .unlock(let session) = self { session } else { nil } }

    /// Whether listeners hear of it, and others see it, as a resource of its own.
    var isShown: Bool { session == nil }

    /// How it begins in the log; `nil` when its outcome alone is told.
    var started: TraceEvent? { session == nil ? .loginStarted : nil }

    var refused: TraceEvent { session == nil ? .loginRefused : .sessionRefused }

    var failed: TraceEvent { session == nil ? .loginFailed : .sessionRefused }

    var cancelled: TraceEvent? { session == nil ? .loginCancelled : nil }

    var expired: TraceEvent? { session == nil ? .loginExpired : nil }
}
