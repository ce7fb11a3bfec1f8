import Audit
import Foundation
package import GRDB
import Glibc
internal import Primitives

/// The agent's one database, `agent.sqlite` in the state folder, opened for this process alone.
///
/// A commit is on the disk when it returns (WAL, synchronous=FULL). Reads see the last commit and never wait for writes.
package final class StateStore: Sendable {
    package let pool: DatabasePool
    /// Whether it could be opened for reading only, since its file system takes no writes. That does not change before the next start.
    package let isReadOnly: Bool
    private let lock: StateLock

    /// Marks the file as the agent's (`PRAGMA application_id`): "CPSA".
    private static let applicationID: Int32 = 0x4350_5341

    /// Opens the state folder, making it and the database if they are not there. On a file system that takes no writes it opens what is
    /// there for reading.
    ///
    /// - Throws: ``StoreError/inUse(processID:)`` when another agent has it, ``StoreError/newer(found:known:)`` when a later
    ///   version wrote it.
    package init(folder: String, migrations: [Migration] = Migration.all) throws(StoreError) {
        lock = try StateLock(folder: folder)
        isReadOnly = lock.isReadOnly
        let path = "\(folder)/agent.sqlite"
        if isReadOnly {
            pool = try Self.openedForReading(path)
        } else {
            try Self.makePrivate(path)
            pool = try Self.opened(path)
        }
        try Self.migrate(pool, migrations)
    }

    /// Whether it is open for reading only although its file system takes writes again.
    package var isWorthReopening: Bool { lock.isReadOnly && lock.couldBeWritten }

    /// Waits for what is being written, closes the database and frees the folder; later use of the store is an error.
    ///
    /// Without it that happens when the last reference ends, which may be a moment after the last answer.
    package func close() throws(StoreError) {
        try storing { try pool.close() }
        lock.release()
    }

    /// Makes the file before SQLite does: SQLite gives its `-wal` and `-shm` files the mode of the database.
    static func makePrivate(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .file(FileError(path)) }
        defer { Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw .file(FileError(path)) }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        // What a savepoint needs to go back stays in memory: on the disk it cost more writes than the log itself. What is freed is
        // overwritten, always: pages that are split leave copies of bodies behind, which must go when the bodies do.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON") }
        return configuration
    }

    private static func openedForReading(_ path: String) throws(StoreError) -> DatabasePool {
        var configuration = Self.configuration
        configuration.readonly = true
        // A database that was left in good order has no write-ahead log, and none can be made: SQLite has to know that nothing changes.
        let isWhole = !PlainFile.exists("\(path)-wal")
        let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        do {
            return try DatabasePool(path: isWhole ? "file:\(escaped)?immutable=1" : path, configuration: configuration)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw .foreignDatabase
        } catch {
            throw StoreError(error)
        }
    }

    private static func opened(_ path: String) throws(StoreError) -> DatabasePool {
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // Opening the pool sets NORMAL on its writer, whatever the configuration says; so this comes after, outside a transaction.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw .foreignDatabase
        } catch {
            throw StoreError(error)
        }
    }

    private static func migrate(_ pool: DatabasePool, _ migrations: [Migration]) throws(StoreError) {
        try storing {
            let (application, found) = try pool.read { db in
                (try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0, try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0)
            }
            let isNew = try pool.read { try $0.tableCount() == 0 } && application == 0 && found == 0
            guard isNew || application == applicationID else { throw StoreError.foreignDatabase }
            guard found <= migrations.count else { throw StoreError.newer(found: found, known: migrations.count) }
            guard found >= 0 else { throw StoreError.damaged("schema version \(found)") }
            for (version, migration) in migrations.enumerated().dropFirst(found) {
                try pool.write { db in
                    try db.execute(sql: migration.sql)
                    try migration.computing?(db)
                    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
                    try db.execute(sql: "PRAGMA user_version = \(version + 1)")
                }
            }
        }
    }
}

extension Database {
    fileprivate func tableCount() throws -> Int { try Int.fetchOne(self, sql: "SELECT count(*) FROM sqlite_schema") ?? 0 }
}
