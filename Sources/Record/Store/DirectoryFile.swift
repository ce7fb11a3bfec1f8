internal import Audit
internal import Directory
internal import Foundation
internal import GRDB
internal import Glibc
internal import Identity
internal import OpenSSL
internal import Primitives
internal import Sessions

/// The database of one import: what was kept so far, and where the reading stands. Each piece is one transaction, so that whatever
/// stops it, it goes on where it was.
struct DirectoryFile {
    let id: String
    let request: DirectoryImportRequest
    let path: String
    private let queue: DatabaseQueue
    private var reader: ExtractionReader
    private var digest: KeptDigest
    private(set) var counts = Counts()
    private(set) var isResumed = false

    struct Counts: Hashable {
        var offset: Int64 = 0
        /// Lines that were kept.
        var kept: Int64 = 0
        var bad: Int64 = 0
        var badLines: [BadLine] = []
    }

    /// Bad lines that are listed; all are counted.
    static let mostBadLines = 100
    /// People that can be named.
    static let mostPeople = 200_000

    private static let schema = """
        CREATE TABLE entries (
            person TEXT NOT NULL, id TEXT NOT NULL, profession TEXT, category TEXT, know_how TEXT NOT NULL, sector TEXT, mode TEXT,
            structure TEXT, label TEXT, family_name TEXT, given_name TEXT,
            PRIMARY KEY (person, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE wanted (person TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE progress (
            one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, request TEXT NOT NULL, size INTEGER NOT NULL,
            offset INTEGER NOT NULL DEFAULT 0, header TEXT, tail BLOB NOT NULL DEFAULT x'', lines INTEGER NOT NULL DEFAULT 0,
            skipping INTEGER NOT NULL DEFAULT 0, digest BLOB NOT NULL, kept INTEGER NOT NULL DEFAULT 0, bad INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE bad_lines (number INTEGER PRIMARY KEY, reason TEXT NOT NULL) STRICT;
        """

    /// Begins anew; what is at `path` is gone.
    init(id: String, request: DirectoryImportRequest, path: String) throws {
        try Self.remove(path)
        self.id = id
        self.request = request
        self.path = path
        digest = KeptDigest()
        reader = try ExtractionReader(Self.filter(request, []))
        queue = try Self.opened(path)
        let state = digest.state
        try queue.write { db in
            try db.execute(sql: Self.schema)
            try db.execute(
                sql: "INSERT INTO progress (one, id, request, size, digest) VALUES (1, ?, ?, ?, ?)",
                arguments: [id, Self.text(request), request.size, Data(state)])
        }
    }

    /// Goes on with what was begun; `nil` when there is nothing, or it is of another file or filter.
    init?(resuming request: DirectoryImportRequest, path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let queue = try Self.opened(path)
        let found = try queue.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM progress WHERE request = ?", arguments: [Self.text(request)])
        }
        guard let found, let digest = KeptDigest(state: [UInt8](found["digest"] as Data), count: UInt64(found["offset"] as Int64)) else {
            return nil
        }
        self.queue = queue
        self.digest = digest
        self.request = request
        self.path = path
        id = found["id"]
        let people = try queue.read { try String.fetchSet($0, sql: "SELECT person FROM wanted") }
        counts = try queue.read { db in
            let bad = try Row.fetchAll(db, sql: "SELECT number, reason FROM bad_lines ORDER BY number")
            return Counts(
                offset: found["offset"], kept: found["kept"], bad: found["bad"],
                badLines: bad.map { BadLine(number: $0["number"], reason: $0["reason"]) })
        }
        reader = try ExtractionReader(
            Self.filter(request, people),
            at: ExtractionReader.Place(
                header: found["header"], tail: [UInt8](found["tail"] as Data), lines: found["lines"], isSkipping: found["skipping"]))
        isResumed = counts.offset > 0
    }

    mutating func add(_ people: [NationalID]) throws {
        try queue.write { db in
            for person in people {
                try db.execute(sql: "INSERT OR IGNORE INTO wanted (person) VALUES (?)", arguments: [person.text])
            }
        }
        reader.filter.people.formUnion(people.map(\.text))
    }

    var people: Int { reader.filter.people.count }

    /// Takes the next bytes, and after the last ones the last line.
    mutating func take(_ bytes: [UInt8]) throws {
        var (reader, digest, counts) = (self.reader, self.digest, self.counts)
        var findings = try reader.take(bytes)
        digest.update(bytes)
        counts.offset += Int64(bytes.count)
        if counts.offset == request.size {
            let last = try reader.finish()
            findings.entries += last.entries
            findings.bad += last.bad
        }
        counts.kept += Int64(findings.entries.count)
        counts.bad += Int64(findings.bad.count)
        let listed = Array(findings.bad.prefix(max(0, Self.mostBadLines - counts.badLines.count)))
        counts.badLines += listed
        try write(findings.entries, listed, reader.place, digest, counts)
        (self.reader, self.digest, self.counts) = (reader, digest, counts)
    }

    var lines: Int { reader.place.lines }
    var isWhole: Bool { counts.offset == request.size }
    var isAsAnnounced: Bool { digest.digest.map { Hex.encode($0) } == request.sha256 }

    /// How many people and situations there are.
    func totals() throws -> (people: Int64, situations: Int64) {
        try queue.read { db in
            (
                try Int64.fetchOne(db, sql: "SELECT count(DISTINCT person) FROM entries") ?? 0,
                try Int64.fetchOne(db, sql: "SELECT count(*) FROM entries WHERE id <> ''") ?? 0
            )
        }
    }

    /// Brings everything to the disk, in one file, under its lasting name.
    func seal(as name: String) throws {
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            try db.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        try queue.close()
        do throws(FileError) { try PlainFile.move(path, to: name) } catch { throw StoreError.file(error) }
    }

    private func write(
        _ entries: [DirectoryEntry], _ bad: [BadLine], _ place: ExtractionReader.Place, _ digest: KeptDigest, _ counts: Counts
    ) throws {
        try queue.write { db in
            let insert = try db.cachedStatement(sql: Self.insertion)
            for entry in entries {
                let situation = entry.situation
                try insert.execute(arguments: [
                    entry.person.text, situation?.id ?? "", situation?.profession, situation?.category.rawValue,
                    situation?.knowHow.joined(separator: " ") ?? "", situation?.sector, situation?.mode, situation?.structure?.text,
                    situation?.label, entry.familyName, entry.givenName,
                ])
            }
            for line in bad {
                try db.execute(sql: "INSERT INTO bad_lines (number, reason) VALUES (?, ?)", arguments: [line.number, line.reason])
            }
            try db.cachedStatement(
                sql: "UPDATE progress SET offset = ?, header = ?, tail = ?, lines = ?, skipping = ?, digest = ?, kept = ?, bad = ?"
            ).execute(arguments: [
                counts.offset, place.header, Data(place.tail), place.lines, place.isSkipping, Data(digest.state), counts.kept, counts.bad,
            ])
        }
    }

    /// One row a situation; its know-how comes in several lines.
    private static let insertion = """
        INSERT INTO entries (person, id, profession, category, know_how, sector, mode, structure, label, family_name, given_name)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (person, id) DO UPDATE SET know_how = trim(know_how || ' ' || excluded.know_how)
        WHERE excluded.know_how <> '' AND length(know_how) < 512 AND instr(' ' || know_how || ' ', ' ' || excluded.know_how || ' ') = 0
        """

    private static func opened(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "directory"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384")
        }
        try StateStore.makePrivate(path)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    static func remove(_ path: String) throws {
        for file in [path, "\(path)-wal", "\(path)-shm"] where unlink(file) != 0 && errno != ENOENT {
            throw StoreError.file(FileError(file))
        }
    }

    private static func filter(_ request: DirectoryImportRequest, _ people: Set<String>) -> DirectoryFilter {
        DirectoryFilter(
            structures: Set(request.structures), departments: Set(request.departments), people: people, namesPeople: request.people != nil)
    }

    private static func text(_ request: DirectoryImportRequest) -> String {
        let whole: JSON = ["sha256": .string(request.sha256), "size": .int(request.size), "filter": request.filter]
        return String(decoding: whole.canonical, as: UTF8.self)
    }
}
