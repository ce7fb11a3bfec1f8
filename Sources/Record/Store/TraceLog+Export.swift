package import Audit
import Foundation
import GRDB

extension TraceLog {
    /// Writes an export folder with a checkpoint of the log as it is now.
    ///
    /// - Parameters:
    ///   - range: the traces, both included; `nil` for all.
    ///   - folder: a folder that is empty or not there yet.
    /// - Returns: what the folder says of itself.
    /// - Throws: `ProofRangeError` for traces that are not there, ``BundleError``, ``StoreError``, or `CancellationError`.
    @discardableResult
    package func export(
        _ range: ClosedRange<UInt64>? = nil, to folder: String,
        progress: @escaping @Sendable (_ done: UInt64, _ of: UInt64) -> Void = { _, _ in }
    ) async throws -> BundleManifest {
        let note = try await signCheckpoint()
        let size = try Checkpoint(note: Array(note.utf8), verifiedBy: [signer.verifier]).size
        guard size > 0 else { throw ProofRangeError() }
        let range = range ?? 0...(size - 1)
        let dropped = try await droppedRanges()
        return try await runApart { stop in
            let pool = self.store.pool
            let manifest = try pool.read { try BundleManifest(range: range, size: size, nodes: TileTable(db: $0)) }
            var writer = try BundleWriter(folder: folder)
            var next = range.lowerBound
            while next <= range.upperBound {
                try stop.check()
                let last = min(next + UInt64(Self.pageLimit) - 1, range.upperBound)
                for leaf in try pool.read({ [next] in try Self.leaves(next...last, dropped, $0) }) { try writer.append(leaf: leaf) }
                next = last + 1
                progress(next - range.lowerBound, range.upperBound - range.lowerBound + 1)
            }
            try writer.finish(manifest: manifest, note: note, vkey: self.signer.verifier.vkey)
            return manifest
        }
    }

    private static func leaves(_ range: ClosedRange<UInt64>, _ dropped: DroppedRanges, _ db: Database) throws -> [[UInt8]] {
        let rows = try Row.fetchCursor(
            db, sql: "SELECT seq, leaf FROM traces WHERE seq BETWEEN ? AND ? ORDER BY seq",
            arguments: [Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound)])
        var lines: [[UInt8]] = []
        var next = range.lowerBound
        func fill(to end: UInt64) throws {
            guard next < end else { return }
            guard (next..<end).allSatisfy({ dropped.contains($0) }) else { throw StoreError.damaged("a trace of \(range) is missing") }
            for hash in try TileTable(db: db).leafHashes(next..<end) {
                lines.append(DroppedBody(seq: next, hash: hash).line)
                next += 1
            }
        }
        while let row = try rows.next() {
            try fill(to: UInt64(clamping: row[0] as Int64))
            lines.append(Array(row[1] as Data))
            next += 1
        }
        try fill(to: range.upperBound + 1)
        return lines
    }
}
