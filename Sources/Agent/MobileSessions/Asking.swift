internal import Habilitation
internal import Primitives
internal import Sessions

/// A device that asks to be let in, and shows a code for it (RFC 8628).
struct Asking: Sendable {
    enum State: Sendable {
        case pending
        /// The practitioner has let it in; it comes for its tokens.
        case approved(Admitted)
        case denied
        /// Its session is being opened.
        case opening
        /// The session that came of it.
        case done(String)
        case failed
    }

    let id: String
    /// Digest of the device code.
    let code: String
    let userCode: String
    let request: MobileRequest
    let askedAt: Timestamp
    /// Since boot.
    let deadline: Duration
    /// Seconds that have to lie between two questions, and when the last one was.
    var interval: Int64 = Asking.usualInterval
    var lastAsked: Duration?
    var state = State.pending

    /// Seconds that the codes are good for.
    static let life: Int64 = 600
    static let usualInterval: Int64 = 5

    /// Whether tokens came or come of it, so that who comes with its code again has to be told from others.
    var isRemembered: Bool {
        switch state {
        case .approved, .opening, .done: true
        case .pending, .denied, .failed: false
        }
    }

    var isPending: Bool { if case .pending = state { true } else { false } }

    /// Who asks, and for what, as the practitioner and traces see it.
    var members: [String: JSON] {
        [
            "grant": "device", "client": .string(request.client.name), "device_name": .string(request.shownName),
            "address": .string(request.address), "thumbprint": .string(request.thumbprint),
            "scopes": .array(request.scopes.map { .string($0.text) }), "resource": JSON(request.resource),
            "asked_at": .string(askedAt.description),
        ]
    }
}
