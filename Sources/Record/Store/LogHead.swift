package import Audit

/// Where the log ends now.
package struct LogHead: Hashable, Sendable {
    /// How many traces are committed.
    package let size: UInt64
    package let root: MerkleHash
}
