internal import Synchronization

/// What the listener's key is recognised by, once it listens: SHA-256 of its SubjectPublicKeyInfo in base64url. Who sets it and who shows
/// it are built one after the other.
package final class ListenerPin: Sendable {
    private let current = Mutex<String?>(nil)

    package init() {}

    package var value: String? { current.withLock { $0 } }

    package func set(_ pin: String?) { current.withLock { $0 = pin } }
}
