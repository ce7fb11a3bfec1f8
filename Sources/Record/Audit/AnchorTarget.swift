package import Primitives

/// Somewhere outside this machine that keeps checkpoints.
package protocol AnchorTarget: Sendable {
    /// What the configuration calls it.
    var name: String { get }
    /// `file`, `http` or `syslog`.
    var kind: String { get }

    /// Hands signed checkpoints over, oldest first; a note may come more than once.
    ///
    /// - Throws: when not all of them are known to be there.
    func keep(_ notes: [String]) async throws(FetchFailure)

    /// What it holds that these keys signed; `nil` when it holds nothing, or cannot be read back.
    func kept(signedBy keys: [NoteVerifier]) async throws(FetchFailure) -> KeptCheckpoints?
}
