internal import Audit
internal import Primitives
internal import Sessions

/// What a person gives a code of the card for.
enum Purpose: Hashable, Sendable {
    case login
    /// A session that is locked shall be usable again.
    case unlock(Session)
    case pin(PINOperation)
    /// A batch of documents, in a session.
    case sign(Session, SignatureRequest)
    /// Somebody shall come in without their card, for whom the holder of a session vouches.
    case vouch(Session, Vouching)
    /// A device shall be let in that shows a code.
    case admit(Session, Admitting)

    /// The session that it is about.
    var session: Session? {
        switch self {
        case .login, .pin: nil
        case .unlock(let session), .sign(let session, _), .vouch(let session, _), .admit(let session, _): session
        }
    }

    var isUnlocking: Bool { if case .unlock = self { true } else { false } }

    /// What traces about the PIN call it; `nil` for what proves the holder.
    var operationName: String? {
        switch self {
        case .login, .unlock: nil
        case .pin(let operation): operation.rawValue
        case .sign: "sign"
        case .vouch: "vouch"
        case .admit: "admit"
        }
    }

    /// What the trace of a refusal tells of it.
    var detail: [String: JSON] {
        switch self {
        case .login, .unlock: [:]
        case .pin(let operation): ["operation": .string(operation.rawValue)]
        case .sign(_, let request): SignatureBatch(request: request).detail
        case .vouch(_, let vouching): vouching.members
        case .admit(_, let admitting): admitting.members
        }
    }

    /// How it begins in the log; `nil` when its outcome alone is told.
    var started: TraceEvent? {
        switch self {
        case .login: .loginStarted
        case .unlock: nil
        case .pin: .pinRequested
        case .sign: .signatureRequested
        case .vouch, .admit: nil
        }
    }

    var refused: TraceEvent {
        switch self {
        case .login: .loginRefused
        case .unlock: .sessionRefused
        case .pin: .pinRefused
        case .sign: .signatureRefused
        case .vouch: .degradedRefused
        case .admit: .mobileRefused
        }
    }

    var failed: TraceEvent {
        switch self {
        case .login: .loginFailed
        case .unlock: .sessionRefused
        case .pin: .pinFailed
        case .sign: .signatureFailed
        case .vouch: .degradedRefused
        case .admit: .mobileFailed
        }
    }

    var cancelled: TraceEvent? {
        switch self {
        case .login: .loginCancelled
        case .unlock: nil
        case .pin: .pinCancelled
        case .sign: .signatureCancelled
        case .vouch: nil
        case .admit: .mobileCancelled
        }
    }

    var expired: TraceEvent? {
        switch self {
        case .login: .loginExpired
        case .unlock: nil
        case .pin: .pinExpired
        case .sign: .signatureExpired
        case .vouch: nil
        case .admit: .mobileExpired
        }
    }
}
