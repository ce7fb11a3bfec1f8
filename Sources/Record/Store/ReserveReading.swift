internal import Audit
internal import Primitives

/// What the bytes of a reserve hold beside what the database has.
///
/// Frames follow one another from the beginning. The last one may be torn: its decisions were never answered, and it is cut. Behind
/// that only frames may lie that the database has already; one with newer traces means that what came before it was damaged.
struct ReserveReading {
    private(set) var entries: [ReserveEntry] = []
    /// Where the last whole frame ends.
    private(set) var end = 0
    /// The number of the next trace.
    private(set) var next: UInt64
    private(set) var since: Timestamp?
    private(set) var damage: String?

    init(_ bytes: [UInt8], after stored: UInt64, leaf: (UInt64) throws(StoreError) -> [UInt8]?) throws(StoreError) {
        next = stored
        while damage == nil, let (frame, length) = ReserveFrame.read(bytes, at: end) {
            if frame.nextSequence <= stored {
                // Moved by an earlier run, which could not say so in the file.
                guard entries.isEmpty else { break }
                for (offset, trace) in frame.traces.enumerated() where damage == nil {
                    let sequence = frame.firstSequence + UInt64(offset)
                    if try leaf(sequence) != trace.leaf { damage = "trace \(sequence) is another in the log" }
                }
                if damage != nil { break }
                end += length
                continue
            }
            guard frame.firstSequence == next else {
                damage = "trace \(frame.firstSequence) does not follow \(next)"
                break
            }
            entries += frame.entries
            since = since ?? frame.writtenAt
            next = frame.nextSequence
            end += length
        }
        guard damage == nil else { return }
        if entries.isEmpty { end = 0 }
        for offset in stride(from: end, to: bytes.count, by: ReserveFrame.alignment) {
            guard let (frame, _) = ReserveFrame.read(bytes, at: offset), frame.nextSequence > next else { continue }
            damage = "traces from \(next) to \(frame.firstSequence) cannot be read"
            return
        }
    }
}
