import Audit
import Foundation
import GRDB
import Primitives
import Store
import Testing

/// The tree and the index in blocks of 256.
struct TileTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private static func session(_ number: Int) -> String { "s\(number % 7)" }

    private static func trace(_ number: Int) -> TraceDraft {
        draft(
            "\(number)", event: number % 300 == 299 ? .loginRefused : .tokenIssued, session: session(number),
            actor: number % 50 == 0 ? "seldom" : nil)
    }

    private func found(_ log: TraceLog, _ order: TraceQuery.Order, from: UInt64? = nil, _ set: (inout TraceQuery) -> Void) async throws
        -> [Int]
    {
        var query = TraceQuery(limit: 1000)
        query.order = order
        query.from = from
        set(&query)
        return try await log.search(query).leaves.map { leaf in
            Int(try JSONDecoder().decode(JSON.self, from: Data(leaf))["seq"]?.int ?? -1)
        }
    }

    /// Proofs of some traces, the whole check, and what can be looked for.
    private func expectSound(_ log: TraceLog, _ count: Int) async throws {
        #expect(try await log.check().head == log.head)
        let size = UInt64(count)
        for number in Set([0, 1, 254, 255, 256, 511, 512, count - 1].filter { $0 >= 0 && $0 < count }).map(UInt64.init) {
            let proof = try #require(try await log.inclusion(of: number, size: size))
            #expect(MerkleVerification.inclusion(of: proof.leaf, at: number, size: size, root: log.head.root, proof: proof.hashes))
            let growth = try #require(try await log.consistency(from: number, size: size))
            #expect(
                MerkleVerification.consistency(from: number, growth.fromRoot, to: size, log.head.root, proof: growth.hashes))
        }
        let all = 0..<count
        #expect(try await found(log, .oldest) { $0.event = .one(.loginRefused) } == all.filter { $0 % 300 == 299 })
        #expect(try await found(log, .newest) { $0.person = "seldom" } == all.filter { $0 % 50 == 0 }.reversed())
        #expect(try await found(log, .oldest, from: 200) { $0.session = "s3" } == all.filter { $0 % 7 == 3 && $0 >= 200 })
        #expect(try await found(log, .newest, from: 300) { $0.session = "s3" } == all.filter { $0 % 7 == 3 && $0 <= 300 }.reversed())
        let both = try await found(log, .oldest) {
            $0.person = "seldom"
            $0.event = .one(.tokenIssued)
            $0.session = "s0"
        }
        #expect(both == all.filter { $0 % 350 == 0 && $0 % 300 != 299 })
    }

    @Test(arguments: [1, 255, 256, 257, 1000])
    func treeAndIndexHoldAtTheEdgesOfBlocks(_ count: Int) async throws {
        let store = try openStore(folder)
        let log = try openLog(store)
        try await log.commit((0..<count / 2).map(Self.trace))
        try await log.commit((count / 2..<count).map(Self.trace))
        try await expectSound(log, count)
        let again = try openLog(store)
        #expect(again.head == log.head)
        try await again.commit((count..<count + 300).map(Self.trace))
        try await expectSound(again, count + 300)
    }

    /// 65 536 leaves fill a tile of the second level. All but the last of them are made up: their hashes are there, and one trace.
    @Test func treeOfThreeLevelsOfTilesHolds() async throws {
        let store = try openStore(folder)
        var tree = MerkleFrontier()
        let made = 65_536 - 256
        try await store.pool.write { [made] db in
            var tree = MerkleFrontier()
            var (leaves, roots) = (Data(), Data())
            for number in 0..<made {
                let hash = MerkleHash.leaf(Array("\(number)".utf8))
                leaves.append(contentsOf: hash.bytes)
                tree.append(hash) { if $0.level == 8 { roots.append(contentsOf: $0.hash.bytes) } }
            }
            for index in 0..<made / 256 {
                try db.execute(
                    sql: "INSERT INTO tiles VALUES (0, ?, ?)", arguments: [index, leaves[index * 8192..<(index + 1) * 8192]])
            }
            try db.execute(sql: "INSERT INTO tiles VALUES (1, 0, ?)", arguments: [roots])
            try db.execute(
                sql: "INSERT INTO traces (seq, leaf, event, hash) VALUES (?, x'00', 'card.read', ?)",
                arguments: [made - 1, leaves.suffix(32)])
        }
        for number in 0..<made { tree.append(.leaf(Array("\(number)".utf8))) }
        let log = try openLog(store)
        #expect(log.head.size == UInt64(made))
        #expect(log.head.root == tree.root)
        try await log.commit((0..<300).map(Self.trace))
        for (number, trace) in (0..<300).map(Self.trace).enumerated() {
            tree.append(.leaf(trace.leaf(seq: UInt64(made + number), salt: SameBytes().bytes(16), workstation: "ws")))
        }
        let size = UInt64(made + 300)
        #expect(log.head.root == tree.root)
        #expect(try openLog(store).head.root == tree.root)
        for number: UInt64 in [0, 65_535, 65_536, size - 1] {
            let proof = try #require(try await log.inclusion(of: number, size: size))
            #expect(MerkleVerification.inclusion(of: proof.leaf, at: number, size: size, root: tree.root, proof: proof.hashes))
        }
        let levels = try await store.pool.read {
            try Int.fetchAll($0, sql: "SELECT length(hashes) / 32 FROM tiles WHERE level > 0 ORDER BY level")
        }
        #expect(levels == [256, 1])
    }

    @Test func tileThatDoesNotFitIsDamageAndKeepsNothing() async throws {
        let store = try openStore(folder)
        let log = try openLog(store)
        try await log.commit((0..<300).map(Self.trace))
        try await store.pool.write { try $0.execute(sql: "UPDATE tiles SET hashes = x'' WHERE level = 1") }
        await #expect(throws: StoreError.damaged("0 hashes in tile 0 at level 8 of the tree, before hash 1")) {
            try await log.commit((300..<600).map(Self.trace))
        }
        #expect(log.head.size == 300)
        try await store.pool.write { try $0.execute(sql: "UPDATE tiles SET hashes = x'00' WHERE level = 0") }
        await #expect(throws: StoreError.damaged("a tile of 1 bytes")) { try await log.inclusion(of: 3, size: 300) }
    }

    /// The database as versions before made it: a row for each node, and an index for each column.
    private func makeOld(_ count: Int) throws -> MerkleFrontier {
        let store = try StateStore(folder: folder.state, migrations: Array(Migration.all.prefix { $0.name != "tiles" }))
        var tree = MerkleFrontier()
        try store.pool.write { db in
            for number in 0..<count {
                let draft = Self.trace(number)
                let leaf = draft.leaf(seq: UInt64(number), salt: SameBytes().bytes(16), workstation: "ws")
                try db.execute(
                    sql: "INSERT INTO traces (seq, leaf, event, session, actor) VALUES (?, ?, ?, ?, ?)",
                    arguments: [number, Data(leaf), draft.event.rawValue, draft.session, draft.actor?["national_id"]?.string])
                try tree.append(.leaf(leaf)) { node in
                    try db.execute(
                        sql: "INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)",
                        arguments: [node.level, Int64(node.index), Data(node.hash.bytes)])
                }
            }
        }
        try store.close()
        return tree
    }

    @Test(arguments: [0, 1, 256, 700])
    func oldLogIsCarriedOver(_ count: Int) async throws {
        let tree = try makeOld(count)
        let store = try openStore(folder)
        let log = try openLog(store)
        #expect(log.head.size == tree.size)
        #expect(log.head.root == tree.root)
        if count > 0 { try await expectSound(log, count) }
        try await log.commit((count..<count + 300).map(Self.trace))
        try await expectSound(log, count + 300)
    }

    @Test func oldLogWithoutANodeIsNotCarriedOver() throws {
        _ = try makeOld(300)
        do {
            let store = try StateStore(folder: folder.state, migrations: Array(Migration.all.prefix { $0.name != "tiles" }))
            try store.pool.write { try $0.execute(sql: "DELETE FROM nodes WHERE level = 0 AND idx = 40") }
            try store.close()
        }
        #expect(throws: StoreError.damaged("no node 40 at level 0 of the tree")) { try openStore(folder) }
    }

    /// Neither the traces nor what they could be found by are left, and what others of the block are found by is.
    @Test(arguments: [600, 512, 100])
    func droppedBodiesAreNotFoundAnyMore(_ count: Int) async throws {
        let store = try openStore(folder)
        let log = try openLog(store)
        let old = (0..<count).map { number in
            var draft = TraceDraft(.cardRead, .granted, at: Timestamp(seconds: 1_000_000))
            draft.session = "gone"
            draft.actor = number % 2 == 0 ? ["national_id": "8000"] : nil
            return draft
        }
        try await log.commit(old + [draft("stays", session: "stays")])
        let proof = try await log.inclusion(of: UInt64(count - 1), size: UInt64(count + 1))
        let act = TraceDraft(.auditRetained, .granted, at: StoppedClock().now())
        _ = try await log.dropBodies(before: Timestamp(seconds: 1_500_000), upTo: .max, act)
        for key in ["gone", "8000"] {
            let left = try await store.pool.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM trace_keys WHERE key = ?", arguments: [key])
            }
            #expect(left == 0)
        }
        #expect(try await found(log, .oldest) { $0.session = "gone" }.isEmpty)
        #expect(try await found(log, .oldest) { $0.session = "stays" } == [count])
        #expect(try await log.inclusion(of: UInt64(count - 1), size: UInt64(count + 1)) == proof)
        try await log.commit((0..<600).map { draft("\($0)") })
        #expect(try await log.check().head == log.head)
        #expect(try openLog(store).head == log.head)
    }
}
