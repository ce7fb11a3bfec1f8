internal import FoundationEssentials
internal import Primitives

/// What stands in an export in place of a trace whose body was dropped: its sequence and the hash of its leaf.
package struct DroppedBody: Hashable, Sendable {
    package let seq: UInt64
    package let hash: MerkleHash

    package init(seq: UInt64, hash: MerkleHash) {
        self.seq = seq
        self.hash = hash
    }

    /// Canonical JSON; no trace begins with this member.
    package var line: [UInt8] {
        let json: JSON = [
            "dropped": .string(StandardBase64.encode(hash.bytes)), "seq": .int(Int64(clamping: seq)), "v": .int(TraceDraft.version),
        ]
        return json.canonical
    }

    private static let beginning = Array("{\"dropped\":".utf8)
    private static let longest = 128

    /// `nil` for a line that is anything else.
    package init?(_ line: UnsafeRawBufferPointer) {
        guard line.count <= Self.longest, line.starts(with: Self.beginning),
            let json = try? JSONDecoder().decode(JSON.self, from: Data(line)),
            let hash = json["dropped"]?.string.flatMap(StandardBase64.decode).flatMap({ MerkleHash($0) }),
            let seq = json["seq"]?.int.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        self.init(seq: seq, hash: hash)
        guard self.line.elementsEqual(line) else { return nil }
    }
}

/// Sequences whose bodies were dropped, as `audit.retained` tells them.
package struct DroppedRanges: Hashable, Sendable {
    package private(set) var sequences = RangeSet<UInt64>()

    package init() {}

    package mutating func insert(_ seq: UInt64) { sequences.insert(contentsOf: seq..<seq + 1) }

    /// What this trace accounts for; nothing for a trace of another event.
    package static func told(by leaf: UnsafeRawBufferPointer) -> [ClosedRange<UInt64>] {
        guard let json = try? JSONDecoder().decode(JSON.self, from: Data(leaf)),
            json["event"]?.string == TraceEvent.auditRetained.rawValue, let own = json["seq"]?.int
        else { return [] }
        return (json["detail"]?["ranges"]?.array ?? []).compactMap { range in
            // No trace tells of itself or of what comes after it.
            guard let ends = range.array, ends.count == 2, let first = ends[0].int, let last = ends[1].int, 0 <= first, first <= last,
                last < own
            else { return nil }
            return UInt64(first)...UInt64(last)
        }
    }

    package mutating func add(_ ranges: [ClosedRange<UInt64>]) {
        for range in ranges { sequences.insert(contentsOf: range.lowerBound..<range.upperBound + 1) }
    }

    package mutating func remove(_ ranges: [ClosedRange<UInt64>]) {
        for range in ranges { sequences.remove(contentsOf: range.lowerBound..<range.upperBound + 1) }
    }

    package func contains(_ seq: UInt64) -> Bool { sequences.contains(seq) }
}
