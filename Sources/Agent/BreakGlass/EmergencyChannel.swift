package import Primitives

/// A way to tell people outside the agent of an emergency.
package struct EmergencyChannel: Sendable {
    /// As the configuration calls it: `command`, `webhook`.
    package let name: String
    private let send: @Sendable ([UInt8]) async throws(FetchFailure) -> Void

    package init(_ name: String, send: @escaping @Sendable ([UInt8]) async throws(FetchFailure) -> Void) {
        self.name = name
        self.send = send
    }

    /// Gives one notice to whoever is there to take it; again from the beginning after a failure.
    package func tell(_ notice: JSON) async throws(FetchFailure) { try await send(notice.canonical) }
}
