package import Primitives

/// A trace as its author writes it: everything but its place in the log.
///
/// The members are those of `Docs/Audit.md`. No member ever holds a PIN, a password or a token; tokens are named by their id.
package struct TraceDraft: Hashable, Sendable {
    package var event: TraceEvent
    package var outcome: TraceOutcome
    package var time: Timestamp
    /// The stable error code that the caller was given, when there is one.
    package var code: String?
    /// The program that asked, as the kernel attests it.
    package var client: JSON?
    /// The person concerned; its member `national_id` is what traces are found by.
    package var actor: JSON?
    package var reader: JSON?
    package var card: JSON?
    /// The id of the session.
    package var session: String?
    /// `card`, `mobile` or `degraded`.
    package var mode: String?
    /// The patient, where an emergency names one.
    package var patient: String?
    /// Why, in the words of the person or of the rule.
    package var reason: String?
    /// What lets anyone check a login later: challenge, signature, certificate.
    package var evidence: JSON?
    /// How many identical refusals this trace stands for; absent means one.
    package var count: Int?
    package var detail: JSON?
    /// The declared emergency that it happens under; stands in the detail.
    package var emergency: EmergencyMark?

    package init(_ event: TraceEvent, _ outcome: TraceOutcome, at time: Timestamp) {
        self.event = event
        self.outcome = outcome
        self.time = time
    }
}

extension TraceDraft {
    /// The version of the trace format that is written and understood.
    package static let version: Int64 = 1

    /// The longest leaf that the log takes, in bytes; a longer line in an export is hostile.
    package static let byteLimit = 65_536

    /// The bytes that the log keeps and hashes: canonical JSON (RFC 8785) with absent members left out.
    ///
    /// - Parameters:
    ///   - seq: the leaf index, from 0.
    ///   - salt: 16 random bytes, so that a leaf whose body was dropped cannot be guessed from its hash.
    ///   - workstation: the name this machine has in the establishment.
    package func leaf(seq: UInt64, salt: [UInt8], workstation: String) -> [UInt8] {
        PreparedTrace(self, salt: salt, workstation: workstation).leaf(seq: seq)
    }
}
