import Audit
import Foundation
import GRDB

/// The stored hashes of the tree, as seen inside one access to the database.
///
/// Kept are those of every eighth level, in tiles of 256; those between are computed from them. The tile of 256 leaf hashes is written with
/// the last of its leaves; until then each stands beside its trace. A tile of a higher level grows by one hash whenever one below it is full.
struct TileTable: NodeReader {
    /// How many levels of the tree lie between two of tiles.
    static let step = 8

    private struct Place: Hashable {
        let level: Int
        let index: UInt64
    }

    /// Tiles that were read: a proof asks for each several times.
    private final class Held {
        var tiles: [Place: HashTile] = [:]
    }

    let db: Database
    private let held = Held()

    init(db: Database) { self.db = db }

    func node(level: Int, index: UInt64) throws(StoreError) -> MerkleHash {
        let (tileLevel, above) = level.quotientAndRemainder(dividingBy: Self.step)
        let first = index << UInt64(above)
        var hashes = try hashes(tileLevel, first..<(first + 1 << UInt64(above)))
        while hashes.count > 1 { hashes = stride(from: 0, to: hashes.count, by: 2).map { .node(hashes[$0], hashes[$0 + 1]) } }
        return hashes[0]
    }

    /// Leaf hashes in order; one that is not there is an error.
    func leafHashes(_ range: Range<UInt64>) throws(StoreError) -> [MerkleHash] {
        var found: [MerkleHash] = []
        while range.lowerBound + UInt64(found.count) < range.upperBound {
            let next = range.lowerBound + UInt64(found.count)
            found += try hashes(0, next..<min((next / HashTile.width + 1) * HashTile.width, range.upperBound))
        }
        return found
    }

    /// Hashes of one tile.
    private func hashes(_ tileLevel: Int, _ range: Range<UInt64>) throws(StoreError) -> [MerkleHash] {
        let (tile, offset) = (try tile(tileLevel, range.lowerBound / HashTile.width), Int(range.lowerBound % HashTile.width))
        var found = (offset..<max(offset, min(tile.count, offset + range.count))).compactMap { tile.hash(at: $0) }
        if tileLevel == 0, found.count < range.count {
            found += try besideTraces(range.lowerBound + UInt64(found.count)..<range.upperBound)
        }
        guard found.count == range.count else {
            throw .damaged("\(found.count) hashes of \(range.count) from \(range.lowerBound) at level \(tileLevel * Self.step) of the tree")
        }
        return found
    }

    /// What a tile holds; nothing when there is none.
    func tile(_ tileLevel: Int, _ index: UInt64) throws(StoreError) -> HashTile {
        let place = Place(level: tileLevel, index: index)
        if let tile = held.tiles[place] { return tile }
        let bytes = try storing {
            let statement = try db.cachedStatement(sql: "SELECT hashes FROM tiles WHERE level = ? AND idx = ?")
            return try Data.fetchOne(statement, arguments: [tileLevel, Int64(clamping: index)])
        }
        let tile = try bytes.map { bytes throws(StoreError) in try HashTile(bytes) } ?? .empty
        held.tiles[place] = tile
        return tile
    }

    private func besideTraces(_ range: Range<UInt64>) throws(StoreError) -> [MerkleHash] {
        try storing {
            let statement = try db.cachedStatement(sql: "SELECT hash FROM traces WHERE seq >= ? AND seq < ? ORDER BY seq")
            let rows = try Row.fetchCursor(
                statement, arguments: [Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound)])
            var hashes: [MerkleHash] = []
            while let row = try rows.next() {
                guard let hash = try row.withUnsafeData(atIndex: 0, { $0?.withUnsafeBytes { MerkleHash($0) } }) else {
                    throw StoreError.damaged("a trace of \(range) without its hash")
                }
                hashes.append(hash)
            }
            return hashes
        }
    }

    /// Whether a node is one of those that are stored in tiles.
    static func isKept(_ node: MerkleNode) -> Bool { node.level > 0 && node.level % step == 0 }

    /// Keeps a node that is now complete, one of those that are stored in tiles.
    func keep(_ node: MerkleNode) throws(StoreError) {
        if node.level == Self.step {
            let leaves = try leafHashes(node.index * HashTile.width..<(node.index + 1) * HashTile.width)
            try write(0, node.index, HashTile(leaves))
        }
        let tileLevel = node.level / Self.step
        let index = node.index / HashTile.width
        var tile = try tile(tileLevel, index)
        guard tile.count == Int(node.index % HashTile.width) else {
            throw .damaged("\(tile.count) hashes in tile \(index) at level \(node.level) of the tree, before hash \(node.index)")
        }
        tile.append(node.hash)
        try write(tileLevel, index, tile)
    }

    /// Keeps the leaf hashes of a tree of `size` leaves that only stand beside their traces, which are about to go.
    func keepEdge(size: UInt64) throws(StoreError) {
        let first = size / HashTile.width * HashTile.width
        if first < size { try write(0, first / HashTile.width, HashTile(try leafHashes(first..<size))) }
    }

    func write(_ tileLevel: Int, _ index: UInt64, _ tile: HashTile) throws(StoreError) {
        try storing {
            let statement = try db.cachedStatement(sql: "INSERT OR REPLACE INTO tiles (level, idx, hashes) VALUES (?, ?, ?)")
            try statement.execute(arguments: [tileLevel, Int64(clamping: index), tile.bytes])
        }
        held.tiles[Place(level: tileLevel, index: index)] = tile
    }

    /// How many leaves the stored tree has: as many as there are traces, and more where the last ones are missing beside their tile.
    func size() throws -> UInt64 {
        let last = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM traces") ?? -1
        guard last >= -1, last < Int64.max else { throw StoreError.damaged("a trace with the number \(last)") }
        let tile = try Row.fetchOne(db, sql: "SELECT idx, length(hashes) FROM tiles WHERE level = 0 ORDER BY idx DESC LIMIT 1")
        let tiled = tile.map {
            UInt64(clamping: $0[0] as Int64) &* HashTile.width &+ UInt64(clamping: $0[1] as Int64) / UInt64(MerkleHash.byteCount)
        }
        return max(UInt64(last + 1), tiled ?? 0)
    }
}
