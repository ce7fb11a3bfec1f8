internal import Audit
internal import Sessions

/// What a person gives a code of the card for.
enum Purpose: Hashable, Sendable {
    case login
    /// A session that is locked shall be usable again.
    case unlock(Session)
    case pin(PINOperation)

    /// The session that it is about.
    var session: Session? { if case .unlock(let session) = self { session } else { nil } }

    var operation: PINOperation? { if case .pin(let operation) = self { operation } else { nil } }

    /// How it begins in the log; `nil` when its outcome alone is told.
    var started: TraceEvent? {
        switch self {
        case .login: .loginStarted
        case .unlock: nil
        case .pin: .pinRequested
        }
    }

    var refused: TraceEvent {
        switch self {
        case .login: .loginRefused
        case .unlock: .sessionRefused
        case .pin: .pinRefused
        }
    }

    var failed: TraceEvent {
        switch self {
        case .login: .loginFailed
        case .unlock: .sessionRefused
        case .pin: .pinFailed
        }
    }

    var cancelled: TraceEvent? {
        switch self {
        case .login: .loginCancelled
        case .unlock: nil
        case .pin: .pinCancelled
        }
    }

    var expired: TraceEvent? {
        switch self {
        case .login: .loginExpired
        case .unlock: nil
        case .pin: .pinExpired
        }
    }
}
