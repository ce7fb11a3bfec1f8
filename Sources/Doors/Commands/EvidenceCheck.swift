import AgentClient
import Audit
import Identity
import PKI
import Primitives

/// Checks the evidence of every login in an export: that a card whose certificate is trusted signed a statement about this log.
struct EvidenceCheck {
    private let trust: TrustStore
    /// Logins whose evidence was checked.
    private(set) var logins = 0
    /// The roots that the log had lately, by its size.
    private var roots: [UInt64: MerkleHash] = [:]

    /// A statement names the log as it was when the card was asked; as many traces may have come since.
    private static let window: UInt64 = 4096

    init(_ trust: TrustStore) { self.trust = trust }

    /// - Parameters:
    ///   - sequence: of the trace.
    ///   - leaf: its bytes where it may be a verified PIN, else `nil`.
    ///   - tree: the log before it.
    mutating func look(_ sequence: UInt64, _ leaf: [UInt8]?, _ tree: MerkleFrontier) throws(BundleError) {
        roots[sequence] = tree.root
        if sequence >= Self.window { roots[sequence - Self.window] = nil }
        guard let leaf, let trace = JSON(parsing: leaf), trace["event"]?.string == "pin.verified" else { return }
        do throws(LoginEvidence.Fault) {
            let evidence = try LoginEvidence(trace: trace, trust: trust)
            guard let holder = try? Holder(evidence.certificate), holder.nationalID.text == trace["actor"]?["national_id"]?.string else {
                throw LoginEvidence.Fault.malformed
            }
            let size = UInt64(exactly: evidence.log.size) ?? .max
            // Of a log before the export began, or too long ago, there is nothing to compare with.
            guard size <= sequence, roots[size].map({ $0.bytes == evidence.log.root }) ?? true else { throw LoginEvidence.Fault.malformed }
        } catch {
            throw .evidence(sequence: sequence, "\(error)")
        }
        logins += 1
    }
}
