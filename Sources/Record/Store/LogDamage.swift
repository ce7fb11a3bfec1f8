package import Audit

/// What a check of the whole stored log found.
package enum LogDamage: Error, Hashable, Sendable {
    /// This trace is gone.
    case missing(sequence: UInt64)
    /// These bytes are no trace, or not this one.
    case malformed(sequence: UInt64, TraceFault)
    /// The bytes of this trace are not those whose hash is stored.
    case altered(sequence: UInt64)
    /// A stored inner node does not follow from the traces below it, the last of which is `sequence`.
    case node(level: Int, index: UInt64, sequence: UInt64)
    /// A stored checkpoint is not one, or the latest is not signed with the key of the log.
    case checkpoint(NoteError)
    /// The log ends before the size that the latest checkpoint signed.
    case cutShort(size: UInt64, signed: UInt64)
    /// Traces and nodes agree with each other but not with what was signed at the end of this range.
    case rewritten(first: UInt64, last: UInt64)

    /// The first trace that is known to be wrong, where one can be named.
    package var firstBadSequence: UInt64? {
        switch self {
        case .missing(let sequence), .malformed(let sequence, _), .altered(let sequence), .cutShort(let sequence, _): sequence
        case .node, .checkpoint, .rewritten: nil
        }
    }
}

/// What a check of the whole stored log proved.
package struct LogCheck: Hashable, Sendable {
    package let head: LogHead
    /// The latest signed checkpoint, which the log agrees with.
    package let checkpoint: Checkpoint?
}
