internal import Audit
internal import Foundation
internal import Primitives

/// What one write puts into the reserve: the decisions that were answered together.
///
/// On the disk, little endian: 8 bytes of mark, 4 of the body's length, 8 of the number of its first trace, 4 of zero, SHA-256 over
/// 0x00, these 24 bytes and the body; then the body, canonical JSON; then zeros up to a multiple of ``alignment``.
struct ReserveFrame: Hashable, Sendable {
    let firstSequence: UInt64
    let writtenAt: Timestamp
    let entries: [ReserveEntry]

    static let alignment = 64
    private static let mark = Array("CPSRSRV1".utf8)
    private static let hashedHead = 24
    private static let head = hashedHead + MerkleHash.byteCount

    var traces: [ReserveEntry.Trace] { entries.flatMap(\.traces) }
    var nextSequence: UInt64 { firstSequence + UInt64(traces.count) }

    /// The bytes to write, of a length that is a multiple of ``alignment``.
    var bytes: [UInt8] {
        let body = JSON.object(["at": .string(writtenAt.description), "entries": .array(entries.map(\.json))]).canonical
        var bytes = Self.mark
        withUnsafeBytes(of: UInt32(clamping: body.count).littleEndian) { bytes += $0 }
        withUnsafeBytes(of: firstSequence.littleEndian) { bytes += $0 }
        bytes += [0, 0, 0, 0]
        bytes += MerkleHash.leaf(bytes + body).bytes
        bytes += body
        bytes += [UInt8](repeating: 0, count: (Self.alignment - bytes.count % Self.alignment) % Self.alignment)
        return bytes
    }

    /// The frame that begins at `offset`, and its length; `nil` when there is none, or not a whole one.
    static func read(_ bytes: [UInt8], at offset: Int) -> (frame: ReserveFrame, length: Int)? {
        guard begins(bytes, at: offset), bytes.count - offset >= head else { return nil }
        let length = Int(number(bytes[(offset + 8)..<(offset + 12)]))
        guard length <= bytes.count - offset - head else { return nil }
        let hashed = bytes[offset..<(offset + hashedHead)]
        let body = bytes[(offset + head)..<(offset + head + length)]
        guard MerkleHash.leaf(Array(hashed) + body).bytes.elementsEqual(bytes[(offset + hashedHead)..<(offset + head)]),
            let json = try? JSONDecoder().decode(JSON.self, from: Data(body)),
            let at = json["at"]?.string.flatMap({ Timestamp($0) }), let list = json["entries"]?.array
        else { return nil }
        let entries = list.compactMap { ReserveEntry($0) }
        guard entries.count == list.count else { return nil }
        let whole = (head + length + alignment - 1) / alignment * alignment
        let first = number(bytes[(offset + 12)..<(offset + 20)])
        return (ReserveFrame(firstSequence: first, writtenAt: at, entries: entries), whole)
    }

    private static func begins(_ bytes: [UInt8], at offset: Int) -> Bool {
        bytes.count - offset >= mark.count && bytes[offset..<(offset + mark.count)].elementsEqual(mark)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}
