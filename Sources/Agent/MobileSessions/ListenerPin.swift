package import Primitives
internal import Sessions
internal import Synchronization

/// What the listener shows, once it listens. Who sets it and who tells it are built one after the other.
package final class ListenerPin: Sendable {
    private struct State {
        var pin: String?
        var end: Timestamp?
        var problem: Text?
    }

    private let current = Mutex(State())

    package init() {}

    /// What the key is recognised by: SHA-256 of its SubjectPublicKeyInfo in base64url; `nil` before it listens.
    package var value: String? { current.withLock { $0.pin } }

    /// The certificate as `status` shows it; null before it listens.
    package func certificate(in language: Language) -> JSON {
        let state = current.withLock { $0 }
        guard let end = state.end else { return .null }
        return ["not_after": .string(end.description), "problem": JSON(state.problem?.in(language))]
    }

    /// - Parameters:
    ///   - end: of the certificate that serves.
    ///   - problem: why the files that should take its place cannot be used.
    package func set(_ pin: String, until end: Timestamp, problem: Text?) {
        current.withLock { $0 = State(pin: pin, end: end, problem: problem) }
    }
}
