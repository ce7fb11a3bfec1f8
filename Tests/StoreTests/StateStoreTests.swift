import Audit
import Foundation
import GRDB
import Primitives
import Store
import Testing

struct StateStoreTests {
    private func failure(_ open: () throws -> StateStore) -> StoreError? {
        do {
            _ = try open()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test func writerWaitsForTheDisk() throws {
        let folder = try Folder()
        let store = try openStore(folder)
        let (synchronous, journal) = try store.pool.writeWithoutTransaction { db in
            (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
        }
        #expect(synchronous == 2)
        #expect(journal == "wal")
    }

    @Test func stateIsForItsOwnerAlone() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(
            atPath: folder.state, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        let store = try openStore(folder)
        try store.pool.write { try $0.execute(sql: "CREATE TABLE t (a)") }
        #expect(try folder.mode("state") == 0o700)
        for name in ["agent.sqlite", "agent.sqlite-wal", "agent.sqlite-shm", "agent.lock"] {
            #expect(try folder.mode("state/\(name)") == 0o600, "\(name)")
        }
    }

    @Test func secondOpenerIsRefused() throws {
        let folder = try Folder()
        let first = try openStore(folder)
        #expect(failure { try openStore(folder) } == .inUse(processID: ProcessInfo.processInfo.processIdentifier))
        _ = first.pool
    }

    @Test func folderIsFreeOnceTheFirstHasGone() throws {
        let folder = try Folder()
        let first = try openStore(folder)
        try first.close()
        #expect(failure { try openStore(folder) } == nil)
    }

    @Test func newerSchemaIsRefused() throws {
        let folder = try Folder()
        try openStore(folder).close()
        #expect(failure { try StateStore(folder: folder.state) } == .newer(found: Migration.all.count + 1, known: Migration.all.count))
    }

    @Test func olderSchemaIsMigratedAndKeepsItsContent() throws {
        let folder = try Folder()
        let first = Migration("first", "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7);")
        try StateStore(folder: folder.state, migrations: [first]).close()
        let store = try StateStore(folder: folder.state, migrations: [first, Migration("second", "ALTER TABLE a ADD COLUMN y INTEGER")])
        let (value, version) = try store.pool.read { db in
            (try Int.fetchOne(db, sql: "SELECT x FROM a WHERE y IS NULL"), try Int.fetchOne(db, sql: "PRAGMA user_version"))
        }
        #expect(value == 7)
        #expect(version == 2)
    }

    @Test func failedMigrationLeavesTheOlderSchema() throws {
        let folder = try Folder()
        let first = Migration("first", "CREATE TABLE a (x INTEGER)")
        let broken = Migration("broken", "CREATE TABLE b (x INTEGER); CREATE TABLE a (x INTEGER);")
        guard case .database = failure({ try StateStore(folder: folder.state, migrations: [first, broken]) }) else {
            Issue.record("a broken migration passed")
            return
        }
        let store = try StateStore(folder: folder.state, migrations: [first])
        #expect(try store.pool.read { try !$0.tableExists("b") })
    }

    @Test func databasesOfOtherProgramsAreLeftAlone() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.state, withIntermediateDirectories: false)
        do {
            let other = try DatabaseQueue(path: folder.state + "/agent.sqlite")
            try other.write { try $0.execute(sql: "CREATE TABLE theirs (a)") }
        }
        #expect(failure { try openStore(folder) } == .foreignDatabase)
        try Data(repeating: 0x41, count: 5000).write(to: URL(filePath: folder.state + "/agent.sqlite"))
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder.state + "/agent.sqlite\(suffix)") }
        #expect(failure { try openStore(folder) } == .foreignDatabase)
    }

    @Test func sharedFolderIsNotTaken() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.state, withIntermediateDirectories: false)
        #expect(chmod(folder.state, 0o1777) == 0)
        #expect(failure { try openStore(folder) } == .foreignFolder(path: folder.state))
    }

    @Test func folderThatCannotBeMadeIsAFileError() throws {
        let folder = try Folder()
        #expect(failure { try StateStore(folder: folder.path + "/a/b") } == .file(FileError(folder.path + "/a/b", ENOENT)))
        try Data().write(to: URL(filePath: folder.state))
        #expect(failure { try openStore(folder) } == .file(FileError(folder.state, ENOTDIR)))
    }
}
