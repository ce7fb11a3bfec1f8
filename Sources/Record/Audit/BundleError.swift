package import Primitives

/// Why an export was not written, or does not prove what it says.
package enum BundleError: Error, Hashable, Sendable {
    case file(FileError)
    /// The folder to write to holds something.
    case folderNotEmpty
    case malformedManifest
    /// The checkpoint or the key is not accepted.
    case note(NoteError)
    /// The manifest names another tree than the signed checkpoint.
    case checkpointDisagrees
    /// The trace that should be number `sequence` is not there, or is not a trace.
    case entry(sequence: UInt64, TraceFault)
    /// The export ends before this trace.
    case missing(sequence: UInt64)
    /// There is more after the last trace.
    case excess(after: UInt64)
    /// Every trace reads well, but together they do not give the signed root: one of them, or a node beside them, was changed.
    case rootMismatch(first: UInt64, last: UInt64)

    /// The first trace that is known to be wrong, where one can be named.
    package var firstBadSequence: UInt64? {
        switch self {
        case .entry(let sequence, _), .missing(let sequence): sequence
        case .excess(let last): last + 1
        case .file, .folderNotEmpty, .malformedManifest, .note, .checkpointDisagrees, .rootMismatch: nil
        }
    }
}
