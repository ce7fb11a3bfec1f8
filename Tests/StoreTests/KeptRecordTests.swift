import Audit
import GRDB
import Primitives
import Sessions
import Testing

@testable import Store

struct KeptRecordTests {
    private let folder: Folder
    private let store: StateStore
    private let ledger: StoreLedger

    init() throws {
        folder = try Folder()
        store = try StateStore(folder: folder.state)
        let signer = try NoteSigner(name: "test/log", seed: [UInt8](repeating: 1, count: 32))
        let reserve = Reserve(path: folder.path + "/reserve", size: 262_144, stateFolder: folder.state)
        ledger = StoreLedger(
            try TraceLog(
                store: store, workstation: "ws", signer: signer, time: StoppedClock(), random: SameBytes(), reserve: reserve))
    }

    private func account(_ id: String, key: String = "p1", isOpen: Bool = false, _ json: JSON = [:]) -> KeptRecord {
        KeptRecord(.account, id, key: key, isOpen: isOpen, json: json)
    }

    private func commit(_ effects: [Effect], as urgency: Urgency = .ordinary) async throws {
        _ = try await ledger.commit([draft("x")], effects, as: urgency)
    }

    @Test func recordIsFoundByItsIDItsKeyAndWhetherItIsOpen() async throws {
        let (one, two) = (account("a", ["n": 1]), account("b", key: "p2", isOpen: true))
        try await commit([.keep(one), .keep(two), .keep(KeptRecord(.lostCard, "a", key: "p1", isOpen: true, json: [:]))])
        #expect(try await ledger.record(.account, "a") == one)
        #expect(try await ledger.record(.account, "c") == nil)
        #expect(try await ledger.records(.account, key: "p1") == [one])
        #expect(try await ledger.openRecords(.account) == [two])
    }

    @Test func newerStateReplacesTheOlderAndAForgottenOneIsGone() async throws {
        try await commit([.keep(account("a", isOpen: true)), .keep(account("b"))])
        try await commit([.keep(account("a", key: "p9", ["n": 2])), .forget(.account, id: "b")])
        #expect(try await ledger.records(.account, after: nil, limit: 9) == [account("a", key: "p9", ["n": 2])])
    }

    @Test func pagesFollowEachOtherByID() async throws {
        try await commit(["c", "a", "b"].map { .keep(account($0)) })
        #expect(try await ledger.records(.account, after: nil, limit: 2).map(\.id) == ["a", "b"])
        #expect(try await ledger.records(.account, after: "b", limit: 2).map(\.id) == ["c"])
    }

    @Test func whatWaitsInTheReserveIsReadAsIfItWereWritten() async throws {
        try await commit([.keep(account("a", isOpen: true)), .keep(account("b", isOpen: true))])
        try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = 1") }
        let emergency = Urgency.emergency(person: "p1")
        try await commit([.keep(account("a", ["n": 2])), .forget(.account, id: "b"), .keep(account("c", isOpen: true))], as: emergency)
        #expect(try await ledger.record(.account, "a") == account("a", ["n": 2]))
        #expect(try await ledger.records(.account, after: nil, limit: 9).map(\.id) == ["a", "c"])
        #expect(try await ledger.openRecords(.account).map(\.id) == ["c"])
        try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = 0") }
        try await commit([])
        #expect(try await ledger.records(.account, after: nil, limit: 9).map(\.id) == ["a", "c"])
    }
}
