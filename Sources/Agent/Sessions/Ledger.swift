package import Audit
package import Primitives

/// What a decision changes beside the log.
package enum Effect: Hashable, Sendable {
    /// A session in its new state.
    case session(Session)
    case tokenIssued(TokenRecord)
    /// Ids of tokens.
    case tokensRevoked([String])
    /// A record in its new state.
    case keep(KeptRecord)
    case forget(KeptRecord.Kind, id: String)
}

/// An issued token, by its id; the token itself is never kept.
package struct TokenRecord: Hashable, Sendable {
    package let id: String
    package let session: String
    package let audience: String
    package let scopes: [String]
    package let expiresAt: Timestamp
    /// The emergency under which alone it is good.
    package let emergency: EmergencyMark?

    package init(
        id: String, session: String, audience: String, scopes: [String], expiresAt: Timestamp, emergency: EmergencyMark? = nil
    ) {
        self.id = id
        self.session = session
        self.audience = audience
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.emergency = emergency
    }
}

/// The trace could not be written, so the decision did not happen (promise P1).
package struct LedgerFailure: Error, Hashable, Sendable {
    /// For the service's log.
    package let reason: String

    package init(reason: String) { self.reason = reason }
}

/// Where decisions become facts: traces and effects in one durable transaction.
package protocol Ledger: Sendable {
    /// Returns when all of it is on disk; gives the sequence of the first trace, the others follow it.
    ///
    /// - Parameter urgency: what may be done to keep it should the log not be writable.
    func commit(_ traces: [TraceDraft], _ effects: [Effect], as urgency: Urgency) async throws(LedgerFailure) -> UInt64

    /// Number of traces and root of their tree.
    func head() async -> (size: UInt64, root: [UInt8])

    /// Sessions that were not ended when the agent last stopped, as they were stored.
    func unendedSessions() async throws(LedgerFailure) -> [JSON]

    /// A session as it was last stored, whichever run of the agent it is from.
    func storedSession(_ id: String) async throws(LedgerFailure) -> JSON?

    /// Marks a stored session as ended; for those of an earlier run.
    func endStored(_ traces: [TraceDraft], sessions: [(id: String, json: JSON)]) async throws(LedgerFailure)
}

extension Ledger {
    /// A decision that is refused when it cannot be written.
    package func commit(_ traces: [TraceDraft], _ effects: [Effect]) async throws(LedgerFailure) -> UInt64 {
        try await commit(traces, effects, as: .ordinary)
    }
}
