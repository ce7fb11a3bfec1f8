import Audit
import Foundation
import GRDB
import Identity
import Primitives
import Sessions
import Synchronization
import Testing

@testable import Store

/// A log with a reserve beside it, whose database can be made to refuse like a file system that went read-only.
private struct Bench {
    let folder: Folder
    var path: String { folder.path + "/reserve" }

    init() throws { folder = try Folder() }

    func open(
        size: Int = 262_144, at path: String? = nil, witness: (any OutsideWitness)? = nil
    ) throws -> (log: TraceLog, store: StateStore, reserve: Reserve) {
        let store = try StateStore(folder: folder.state)
        let reserve = Reserve(path: path ?? self.path, size: size, stateFolder: folder.state)
        let signer = try NoteSigner(name: "test/log", seed: [UInt8](repeating: 1, count: 32))
        let log = try TraceLog(
            store: store, workstation: "ws", signer: signer, time: StoppedClock(), random: SameBytes(), reserve: reserve,
            witness: witness)
        return (log, store, reserve)
    }

    var bytes: [UInt8] {
        get throws { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
    }

    func write(_ bytes: [UInt8]) throws {
        // The same file: another one would not be locked.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.write(contentsOf: bytes)
        try handle.close()
    }
}

extension StateStore {
    /// Every write fails with SQLITE_READONLY, or none.
    fileprivate func refuse(_ refuses: Bool) throws {
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = \(refuses ? 1 : 0)") }
    }
}

/// Keeps what it is shown, or refuses to.
private final class Witness: OutsideWitness {
    private let state = Mutex((kept: [(first: UInt64, leaf: [UInt8])](), checkpoints: [String?](), refuses: false))

    var kept: [(first: UInt64, leaf: [UInt8])] { state.withLock { $0.kept } }
    var checkpoints: [String?] { state.withLock { $0.checkpoints } }
    func refuses(_ refuses: Bool) { state.withLock { $0.refuses = refuses } }

    func acknowledge(_ leaves: [[UInt8]], from first: UInt64, after checkpoint: String?) async throws(WitnessFailure) {
        await Task.yield()
        let isRefused = state.withLock { state in
            state.checkpoints.append(checkpoint)
            if !state.refuses { state.kept += leaves.enumerated().map { (first + UInt64($0.offset), $0.element) } }
            return state.refuses
        }
        if isRefused { throw WitnessFailure(reason: "nobody there") }
    }
}

private let change = StoredChange.session(id: "s", mode: "card", uid: 1000, state: "ended", json: "{\"état\":\"\\\"fini\\\"\"}")
private let person = Urgency.emergency(person: "899900063480")

struct ReserveTests {
    @Test func whatMayGoOnIsKeptAndMovesIntoTheLogInOrder() async throws {
        let bench = try Bench()
        let (log, store, reserve) = try bench.open()
        try await log.commit([draft("before")])
        try store.refuse(true)
        await #expect(throws: StoreError.self) { try await log.commit([draft("ordinary")]) }
        #expect(reserve.status.state == .ready)
        // Number 1 says that the reserve is used.
        #expect(try await log.commit([draft("end", event: .sessionEnded)], as: .ending, changes: [change]) == 2..<3)
        #expect(try await log.commit([draft("clock", event: .clockJumped)], as: .agent) == 3..<4)
        #expect(try await log.commit([draft("a"), draft("b")], as: person) == 4..<6)
        await #expect(throws: StoreError.self) { try await log.commit([draft("ordinary")]) }
        #expect(reserve.status.traces == 5 && reserve.status.since == StoppedClock().now() && reserve.status.used > 0)
        #expect(log.head.size == 1, "what is proved is what is in the database")
        #expect(reserve.sessions["s"]?.state == "ended")

        await log.recover()
        #expect(reserve.isInUse)
        try store.refuse(false)
        await log.recover()
        #expect(reserve.status.state == .ready)
        #expect(try await log.commit([draft("after")]) == 7..<8)
        let events = try await log.traces().map { try JSONDecoder().decode(JSON.self, from: Data($0.leaf))["event"]?.string }
        #expect(
            events == [
                "card.read", "audit.reserve_used", "session.ended", "clock.jumped", "card.read", "card.read", "audit.reserve_emptied",
                "card.read",
            ])
        #expect(try await log.check().head.size == 8)
        let stored = try await store.pool.read { try String.fetchOne($0, sql: "SELECT json FROM sessions WHERE id = 's'") }
        #expect(stored == "{\"état\":\"\\\"fini\\\"\"}")
    }

    @Test func ordinaryCommitTakesTheReserveWithIt() async throws {
        let bench = try Bench()
        let (log, store, reserve) = try bench.open()
        try store.refuse(true)
        try await log.commit([draft("end")], as: .ending)
        try store.refuse(false)
        #expect(try await log.commit([draft("after")]) == 3..<4)
        #expect(!reserve.isInUse)
        #expect(try await log.reasons().filter { ["end", "after"].contains($0) } == ["end", "after"])
    }

    @Test func decisionWithAnEffectThatIsNoDataIsRefused() async throws {
        let bench = try Bench()
        let (log, store, reserve) = try bench.open()
        try store.refuse(true)
        await #expect(throws: StoreError.self) { try await log.commit([draft("end")], as: .ending) { _, _ in } }
        #expect(!reserve.isInUse)
    }

    /// Leaves two frames in the reserve, as an agent that is killed does.
    private func killed(_ bench: Bench) async throws -> (end: Range<UInt64>, head: UInt64) {
        let (log, store, reserve) = try bench.open()
        try await log.commit([draft("before")])
        try store.refuse(true)
        try await log.commit([draft("first")], as: .ending, changes: [change])
        let last = try await log.commit([draft("second é \u{1F480}")], as: person)
        try store.close()
        reserve.close()
        return (last, log.head.size)
    }

    @Test func nextStartMovesWhatAKilledAgentLeft() async throws {
        let bench = try Bench()
        let left = try await killed(bench)
        let (log, _, reserve) = try bench.open()
        #expect(reserve.isInUse && reserve.damage == nil && log.head.size == left.head)
        #expect(try await log.commit([draft("start")], as: .agent) == 5..<6)
        #expect(try await log.reasons().filter { !$0.isEmpty && $0 != "before" }.suffix(3) == ["first", "second é \u{1F480}", "start"])
        #expect(!reserve.isInUse)
        #expect(try await log.check().head.size == 6)
    }

    @Test func startOnADiskThatStillRefusesGoesOnInTheReserve() async throws {
        let bench = try Bench()
        _ = try await killed(bench)
        let (log, store, reserve) = try bench.open()
        try store.refuse(true)
        #expect(try await log.commit([draft("start")], as: .agent) == 4..<5)
        #expect(reserve.status.traces == 4)
        try store.refuse(false)
        await log.recover()
        #expect(try await log.check().head.size == 6)
    }

    @Test func whatWasMovedIsNotMovedTwice() async throws {
        let bench = try Bench()
        _ = try await killed(bench)
        let bytes = try bench.bytes
        do {
            let (log, store, reserve) = try bench.open()
            await log.recover()
            try await log.commit([draft("more")])
            try store.close()
            reserve.close()
        }
        // As if the file had not taken in that it is empty.
        try bench.write(bytes)
        let (log, _, reserve) = try bench.open()
        #expect(!reserve.isInUse && reserve.damage == nil)
        try await log.commit([draft("end")])
        #expect(try await log.reasons().filter { $0 == "first" }.count == 1)
    }

    @Test func tornLastFrameIsCut() async throws {
        let bench = try Bench()
        _ = try await killed(bench)
        var bytes = try bench.bytes
        let (_, length) = try #require(ReserveFrame.read(bytes, at: 0))
        bytes[length + 100] ^= 1
        try bench.write(bytes)
        let (log, _, reserve) = try bench.open()
        #expect(reserve.damage == nil && reserve.status.traces == 2)
        #expect(try await log.commit([draft("start")]) == 4..<5)
        #expect(try await log.reasons().contains("first"))
        #expect(try await log.check().head.size == 5)
    }

    @Test(arguments: [9, 20, 40, 120]) func damageInTheMiddleIsToldAndTheFileKept(place: Int) async throws {
        let bench = try Bench()
        _ = try await killed(bench)
        var bytes = try bench.bytes
        bytes[place] ^= 1
        try bench.write(bytes)
        let (log, _, reserve) = try bench.open()
        let damage = try #require(reserve.damage)
        #expect(damage.firstLost == 1)
        #expect(Array(try Data(contentsOf: URL(fileURLWithPath: damage.copy))) == bytes)
        #expect(!reserve.isInUse)
        #expect(try await log.commit([draft("start")]) == 1..<2)
    }

    @Test func frameThatContradictsTheLogIsDamage() async throws {
        let bench = try Bench()
        _ = try await killed(bench)
        let bytes = try bench.bytes
        do {
            try bench.write([UInt8](repeating: 0, count: bytes.count))
            let (log, store, reserve) = try bench.open()
            for number in 0..<5 { try await log.commit([draft("another \(number)")]) }
            try store.close()
            reserve.close()
        }
        try bench.write(bytes)
        let (_, _, reserve) = try bench.open()
        #expect(reserve.damage?.reason == "trace 1 is another in the log")
    }

    @Test func onePersonCannotUseUpTheReserveNorOneKindTheOther() async throws {
        let bench = try Bench()
        let (log, store, reserve) = try bench.open()
        try store.refuse(true)
        func fill(_ urgency: Urgency) async -> Int {
            var count = 0
            while (try? await log.commit([draft(long)], as: urgency)) != nil { count += 1 }
            return count
        }
        #expect(await fill(person) == 7, "32 KiB for each person")
        #expect(await fill(.emergency(person: "uid:1000")) == 7)
        var people = 2
        while await fill(.emergency(person: "uid:\(people)")) > 0 { people += 1 }
        #expect(people == 5, "the share of emergencies is used up")
        #expect(await fill(.agent) > 3)
        #expect(await fill(.ending) > 15)
        await #expect(throws: StoreError.reserveUsedUp) { try await log.commit([draft(long)], as: .ending) }
        #expect(reserve.status.used <= reserve.status.size)
        try store.refuse(false)
        await log.recover()
        #expect(!reserve.isInUse)
        #expect(try await log.check().head == log.head)
        try store.refuse(true)
        #expect(await fill(person) == 7, "once emptied, all of it is there again")
    }

    private let long = String(repeating: "x", count: 4000)

    /// Emergencies of many persons, until their share has no room.
    private func useUp(_ log: TraceLog) async {
        var person = 0
        while (try? await log.commit([draft(long)], as: .emergency(person: "uid:\(person / 4)"))) != nil { person += 1 }
    }

    @Test func emergencyBeyondTheReserveNeedsAWitness() async throws {
        let bench = try Bench()
        let (log, store, _) = try bench.open()
        try store.refuse(true)
        await useUp(log)
        await #expect(throws: StoreError.reserveUsedUp) { try await log.commit([draft(long)], as: person) }
    }

    @Test func emergencyThatAWitnessKeepsIsAnsweredAndWrittenLater() async throws {
        let bench = try Bench()
        let witness = Witness()
        let (log, store, reserve) = try bench.open(witness: witness)
        try await log.commit([draft("before")])
        let checkpoint = try await log.signCheckpoint()
        try store.refuse(true)
        witness.refuses(true)
        await useUp(log)
        await #expect(throws: StoreError.notWitnessed("nobody there")) { try await log.commit([draft(long)], as: person) }
        let before = UInt64(reserve.status.traces) + 1
        witness.refuses(false)
        async let first = log.commit([draft(long + "first")], as: person)
        async let second = log.commit([draft(long + "second")], as: .emergency(person: "uid:7"))
        let sequences = try await [first.lowerBound, second.lowerBound].sorted()
        #expect(sequences == [before, before + 1])
        #expect(witness.kept.map(\.first) == sequences)
        #expect(Set(witness.checkpoints) == [checkpoint])
        // What came after it cannot be in the file: numbers would be missing there after a crash.
        await #expect(throws: StoreError.reserveUsedUp) { try await log.commit([draft("end")], as: .ending) }
        await #expect(throws: StoreError.self) { try await log.commit([draft("ordinary")]) }
        try store.refuse(false)
        await log.recover()
        #expect(try await log.traces().map(\.leaf).filter { witness.kept.map(\.leaf).contains($0) } == witness.kept.map(\.leaf))
        #expect(try await log.check().head == log.head)
        try store.refuse(true)
        try await log.commit([draft("end")], as: .ending)
    }

    @Test func personOverTheQuotaIsNotForTheWitness() async throws {
        let bench = try Bench()
        let witness = Witness()
        let (log, store, _) = try bench.open(witness: witness)
        try store.refuse(true)
        for _ in 0..<7 { try await log.commit([draft(long)], as: person) }
        await #expect(throws: StoreError.quotaUsedUp) { try await log.commit([draft(long)], as: person) }
        #expect(witness.kept.isEmpty)
    }

    @Test func reserveThatCannotBeMadeIsMadeLater() async throws {
        let bench = try Bench()
        let path = bench.folder.path + "/disk/reserve"
        let (log, store, reserve) = try bench.open(at: path)
        #expect(reserve.status.state == .missing && reserve.status.problem == "No such file or directory")
        try store.refuse(true)
        await #expect(throws: StoreError.self) { try await log.commit([draft("end")], as: .ending) }
        try FileManager.default.createDirectory(atPath: bench.folder.path + "/disk", withIntermediateDirectories: false)
        await log.recover()
        #expect(reserve.status.state == .ready && reserve.status.size == 262_144)
        try await log.commit([draft("end")], as: .ending)
        #expect(reserve.isInUse)
    }

    @Test func whatAnEarlierRunLeftIsNotWrittenOverWhenItComesToLight() async throws {
        let bench = try Bench()
        _ = try await killed(bench)
        let (here, away) = (bench.path, bench.path + ".away")
        try FileManager.default.moveItem(atPath: here, toPath: away)
        try FileManager.default.createDirectory(atPath: here, withIntermediateDirectories: false)
        let (log, _, reserve) = try bench.open()
        #expect(reserve.isMissing)
        try FileManager.default.removeItem(atPath: here)
        try FileManager.default.moveItem(atPath: away, toPath: here)
        await log.recover()
        #expect(reserve.status.problem == "it holds traces of an earlier run: start the agent again")
        #expect(ReserveFrame.read(try bench.bytes, at: 0) != nil)
    }

    @Test func fileOfOthersIsNoReserve() throws {
        let bench = try Bench()
        _ = FileManager.default.createFile(atPath: bench.path, contents: nil, attributes: [.posixPermissions: 0o644])
        #expect(Reserve(path: bench.path, size: 262_144, stateFolder: bench.folder.path).status.state == .missing)
    }

    @Test func spaceIsTakenWhenTheFileIsMade() throws {
        let bench = try Bench()
        let reserve = Reserve(path: bench.path, size: 262_144, stateFolder: bench.folder.path)
        #expect(reserve.status.state == .ready && reserve.status.sharesFileSystem)
        #expect(try bench.bytes.count == 262_144)
        #expect(try bench.folder.mode("reserve") == 0o600)
        #expect(Reserve(path: bench.path, size: 262_144, stateFolder: bench.folder.path).isMissing, "another has it")
    }
}

struct StoredChangeTests {
    @Test(arguments: [
        change, .sessionEnded(id: "s", json: "{}"), .tokenIssued(id: "t", session: "s", audience: "https://a", expiresAt: 5),
        .tokensRevoked(["a", "b"]), .kept(kind: "account", id: "a", key: "p", isOpen: true, json: "{\"é\":1}"),
        .forgotten(kind: "account", id: "a"),
    ])
    func changeIsReadBackAsWritten(change: StoredChange) throws {
        let entry = ReserveEntry(
            urgency: person, traces: [.init(leaf: Array("{\"é\":1}".utf8), event: "e", session: "s", actor: nil)], changes: [change])
        let frame = ReserveFrame(firstSequence: 7, writtenAt: StoppedClock().now(), entries: [entry])
        let bytes = frame.bytes
        #expect(bytes.count % ReserveFrame.alignment == 0)
        let read = try #require(ReserveFrame.read(bytes, at: 0))
        #expect(read.frame == frame && read.length == bytes.count)
        for cut in [0, 7, 23, 55, 56, bytes.count - ReserveFrame.alignment] {
            #expect(ReserveFrame.read(Array(bytes[..<cut]), at: 0) == nil)
        }
    }
}
