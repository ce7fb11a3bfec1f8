/// Somebody outside this machine who keeps a trace that the machine itself cannot write any more: neither in its database nor in its
/// reserve. What they acknowledge counts as written (promise P1).
package protocol OutsideWitness: Sendable {
    /// Returns when the traces are kept elsewhere, as the next ones of the log.
    ///
    /// Others who want the log wait meanwhile: an implementation answers within seconds.
    ///
    /// - Parameters:
    ///   - leaves: exact bytes, in order.
    ///   - first: the number of the first.
    ///   - checkpoint: the newest signed head of the log, as a note; `nil` when there is none, or it cannot be read any more.
    func acknowledge(_ leaves: [[UInt8]], from first: UInt64, after checkpoint: String?) async throws(WitnessFailure)
}

/// The traces were not acknowledged, so the decision did not happen.
package struct WitnessFailure: Error, Hashable, Sendable {
    /// For the service's log.
    package let reason: String

    package init(reason: String) { self.reason = reason }
}
