import Audit
import Crypto
import Foundation
import GRDB
import Identity
import Primitives
import Sessions
import Store
import TestSupport
import Testing

struct DirectoryTests {
    private static let header =
        "Identification nationale PP|Nom d'exercice|Code profession|Code savoir-faire|Code mode exercice|"
        + "Code secteur d'activité|Ancien identifiant de la structure|Raison sociale site|\n"
    private static let holder = NationalID("899900063480")

    private static func file(_ lines: [String]) -> [UInt8] { Array((header + lines.map { $0 + "\n" }.joined()).utf8) }

    private static let practice = "899900063480|LIBRE|10|SM54|L|SA07|499900063480001|CABINET|"
    private static let hospital = "899900063480|LIBRE|10|SM54|S|SA01|1760021832|HOPITAL|"

    private static func request(_ file: [UInt8], people: String? = nil) -> DirectoryImportRequest {
        DirectoryImportRequest(
            sha256: Hex.encode(Array(SHA256.hash(data: file))), size: Int64(file.count), structures: [], departments: [], people: people)
    }

    private struct World {
        let folder: Folder
        let store: StateStore
        let log: TraceLog
        let directory: StoreDirectory
        let random = CountingRandom()

        init(_ folder: Folder) throws {
            self.folder = folder
            store = try StateStore(folder: folder.state)
            log = try openLog(store)
            directory = try StoreDirectory(log, folder: folder.state, time: StoppedClock(), random: random)
        }

        /// Sends a whole file in pieces.
        @discardableResult
        func bring(_ file: [UInt8], pieces: Int = 100, _ request: DirectoryImportRequest? = nil) async throws -> JSON {
            var state = try await directory.begin(request ?? DirectoryTests.request(file))
            let id = state["id"]?.string ?? ""
            while let offset = state["offset"]?.int, offset < Int64(file.count) {
                let part = Array(file[Int(offset)..<min(file.count, Int(offset) + pieces)])
                state = try await directory.take(part, at: offset, into: id, by: .root)
            }
            return state
        }

        func labels() async throws -> [String] {
            let holder = try #require(DirectoryTests.holder)
            return try await directory.situations(of: holder).compactMap(\.label).sorted()
        }

        var files: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: folder.state).filter { $0.hasPrefix("directory") } }
        }
    }

    private static func refusal(_ action: () async throws -> JSON) async throws -> Refusal? {
        do {
            _ = try await action()
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    @Test func aFileThatIsThereWholeIsInForceWithItsTrace() async throws {
        let world = try World(Folder())
        #expect(try await world.directory.current() == nil)
        let done = try await world.bring(Self.file([Self.practice, Self.hospital, "bad", Self.practice.replacing("SM54", with: "SM26")]))
        #expect(done["state"] == "done")
        #expect(["lines", "kept", "bad", "people", "situations"].map { done[$0]?.int } == [5, 3, 1, 1, 2])
        #expect(done["bad_lines"] == [["line": 4, "reason": "1 fields, 9 are due"]])
        #expect(try await world.labels() == ["CABINET", "HOPITAL"])
        let holder = try #require(Self.holder)
        let practice = try await world.directory.situations(of: holder).first { $0.label == "CABINET" }
        #expect(practice?.knowHow == ["SM54", "SM26"])
        #expect(try await world.directory.person(holder)?["family_name"] == "LIBRE")
        #expect(try await world.directory.current()?["sha256"] == done["sha256"])
        let trace = try #require(try await world.log.traces(from: 0, limit: 10).last)
        let json = try JSONDecoder().decode(JSON.self, from: Data(trace.leaf))
        #expect(json["event"] == "directory.imported")
        #expect(json["detail"]?["sha256"] == done["sha256"])
        #expect(json["detail"]?["kept"] == 3)
    }

    @Test func anotherReplacesItAtOnceAndNotBefore() async throws {
        let world = try World(Folder())
        try await world.bring(Self.file([Self.practice]))
        let next = Self.file([Self.hospital])
        let state = try await world.directory.begin(Self.request(next))
        let id = try #require(state["id"]?.string)
        _ = try await world.directory.take(Array(next.dropLast()), at: 0, into: id, by: .root)
        #expect(try await world.labels() == ["CABINET"])
        _ = try await world.directory.take([0x0A], at: Int64(next.count - 1), into: id, by: .root)
        #expect(try await world.labels() == ["HOPITAL"])
        #expect(try world.files.count == 1)
    }

    @Test func anImportGoesOnAfterTheAgentStopped() async throws {
        let folder = try Folder()
        let file = Self.file([Self.practice, "bad", Self.hospital])
        let cut = file.count * 2 / 3
        do {
            let world = try World(folder)
            let id = try #require(try await world.directory.begin(Self.request(file))["id"]?.string)
            _ = try await world.directory.take(Array(file[..<cut]), at: 0, into: id, by: .root)
            try world.store.close()
        }
        let world = try World(folder)
        let state = try await world.directory.begin(Self.request(file))
        #expect(state["offset"] == .int(Int64(cut)))
        #expect(state["resumed"] == true)
        let done = try await world.directory.take(
            Array(file[cut...]), at: Int64(cut), into: try #require(state["id"]?.string), by: .root)
        #expect(done["state"] == "done")
        #expect([done["kept"]?.int, done["bad"]?.int] == [2, 1])
        #expect(try await world.labels() == ["CABINET", "HOPITAL"])
    }

    @Test func theDirectoryInForceIsThereAfterAStartAndWhatNeverCameIntoForceIsNot() async throws {
        let folder = try Folder()
        do {
            let world = try World(folder)
            try await world.bring(Self.file([Self.practice]))
            try world.store.close()
        }
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder.state)/directory-orphan.sqlite"))
        let world = try World(folder)
        #expect(try await world.labels() == ["CABINET"])
        #expect(try world.files.count == 1)
    }

    @Test(arguments: [nil, "no database"])
    func aDirectoryThatIsLostIsToldOnceAndKeepsNobodyOut(content: String?) async throws {
        let folder = try Folder()
        do {
            let world = try World(folder)
            try await world.bring(Self.file([Self.practice]))
            try world.store.close()
        }
        let path =
            "\(folder.state)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: folder.state).first { $0.hasPrefix("directory-") }))"
        try FileManager.default.removeItem(atPath: path)
        if let content { try Data(content.utf8).write(to: URL(fileURLWithPath: path)) }
        let world = try World(folder)
        #expect(world.directory.warning == nil)
        for _ in 0..<2 { #expect(try await world.labels() == []) }
        #expect(world.directory.warning?.english.contains("Import it again") == true)
        #expect(world.directory.warning?.french.contains("L'importer de nouveau") == true)
        #expect(try await world.log.all(.directoryLost).count == 1)
        try await world.bring(Self.file([Self.hospital]))
        #expect(try await world.labels() == ["HOPITAL"])
        #expect(world.directory.warning == nil)
    }

    @Test func onlyPeopleThatAreNamedAreKept() async throws {
        let world = try World(Folder())
        let file = Self.file([Self.practice, Self.hospital.replacing("899900063480", with: "810000000003")])
        let request = Self.request(file, people: String(repeating: "a", count: 64))
        let id = try #require(try await world.directory.begin(request)["id"]?.string)
        _ = try await world.directory.add([try #require(NationalID("810000000003"))], to: id)
        let done = try await world.directory.take(file, at: 0, into: id, by: .root)
        #expect(done["kept"] == 1)
        #expect(try await world.labels() == [])
        let refusal = try await Self.refusal { try await world.directory.add([], to: id) }
        #expect(refusal?.code == .importNotFound)
    }

    @Test func bytesAreTakenAtTheirPlaceOnly() async throws {
        let world = try World(Folder())
        let file = Self.file([Self.practice])
        let id = try #require(try await world.directory.begin(Self.request(file))["id"]?.string)
        _ = try await world.directory.take(Array(file[..<10]), at: 0, into: id, by: .root)
        for offset: Int64 in [0, 9, 11] {
            let refusal = try await Self.refusal { try await world.directory.take([1], at: offset, into: id, by: .root) }
            #expect(refusal == Refusal(.importOffset, ["offset": 10]))
        }
        #expect(try await Self.refusal { try await world.directory.add([], to: id) } == Refusal(.importOffset, ["offset": 10]))
        #expect(try await Self.refusal { try await world.directory.take(file, at: 10, into: id, by: .root) }?.code == .invalidRequest)
        #expect(try await Self.refusal { try await world.directory.take([1], at: 10, into: "other", by: .root) }?.code == .importNotFound)
        #expect(try await world.directory.underway(id)["offset"] == 10)
    }

    @Test(arguments: [
        (["x"], true, ErrorCode.directoryEmpty), ([practice], false, .directoryFormat),
    ])
    func whatIsNotTakenInLeavesTheOneInForceAndIsTraced(lines: [String], isAsAnnounced: Bool, code: ErrorCode) async throws {
        let world = try World(Folder())
        try await world.bring(Self.file([Self.hospital]))
        let file = Self.file(lines)
        let request = isAsAnnounced ? Self.request(file) : Self.request(Array(file.dropLast()) + [0x20])
        #expect(try await Self.refusal { try await world.bring(file, request) }?.code == code)
        #expect(try await world.labels() == ["HOPITAL"])
        let trace = try #require(try await world.log.traces(from: 0, limit: 10).last)
        let json = try JSONDecoder().decode(JSON.self, from: Data(trace.leaf))
        #expect(["event", "outcome", "code"].map { json[$0]?.string } == ["directory.refused", "refused", code.rawValue])
    }

    @Test func aFileWithoutANeededColumnIsRefusedAtOnce() async throws {
        let world = try World(Folder())
        let file = Array("Identification nationale PP|Nom|Code profession|Autre|\n".utf8)
        let refusal = try await Self.refusal { try await world.bring(file) }
        #expect(refusal?.code == .directoryFormat)
        #expect(refusal?.members["detail"] == "the column is missing: Code mode exercice")
    }
}
