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

    /// A checkpoint that was kept signs more traces than the log of the export has.
    case cutShort(size: UInt64, signed: UInt64)
    /// One of these traces is not the one that a kept checkpoint signs; those before agree with another.
    case rewritten(first: UInt64, last: UInt64)
    /// No kept checkpoint ends within the export.
    case notComparable

    /// What this trace keeps of a login does not prove it; the text says why.
    case evidence(sequence: UInt64, String)

    /// The first trace that is known to be wrong, where one can be named.
    package var firstBadSequence: UInt64? {
        switch self {
        case .entry(let sequence, _), .missing(let sequence), .evidence(let sequence, _): sequence
        case .excess(let last): last + 1
        case .cutShort(let size, _): size
        case .rewritten(let first, _): first
        case .notComparable, .file, .folderNotEmpty, .malformedManifest, .note, .checkpointDisagrees, .rootMismatch: nil
        }
    }
}
