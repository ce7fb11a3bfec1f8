package import Primitives

/// Carries questions to OCSP responders (RFC 6960 appendix A). An adapter implements it.
package protocol StatusTransport: Sendable {
    /// - Parameters:
    ///   - question: in DER.
    ///   - largest: most bytes of an answer.
    /// - Returns: what the responder answered, not yet looked at.
    func ask(_ question: [UInt8], at address: WebAddress, largest: Int) async throws(FetchFailure) -> [UInt8]
}
