package import Audit
import Foundation
import GRDB
package import Primitives

/// Why a key came into force.
package enum KeyCause: String, Hashable, Sendable {
    /// The log began.
    case first
    /// Somebody asked for a new one.
    case rotated
    /// The configuration gives the log another name.
    case renamed
    /// The file of the key was lost or replaced.
    case replaced
    /// The log was not the one that an anchor knew.
    case rolledBack = "rolled_back"
}

/// A key that the log is or was signed with.
package struct KnownKey: Hashable, Sendable {
    package let verifier: NoteVerifier
    /// How many traces there were when it came into force.
    package let since: UInt64
    package let cause: KeyCause
    /// The key before vouches for this one, in a signed note; `nil` where it could not, or should not.
    package let endorsement: String?

    package var json: JSON {
        [
            "key": .string(verifier.vkey), "since": .int(Int64(clamping: since)), "cause": .string(cause.rawValue),
            "endorsement": endorsement.map(JSON.string) ?? .null,
        ]
    }
}

extension Migration {
    /// Which keys signed the log, in order.
    static let logKeys = Migration(
        "log keys",
        """
        CREATE TABLE log_keys (
            number INTEGER PRIMARY KEY,
            vkey TEXT NOT NULL,
            since INTEGER NOT NULL,
            cause TEXT NOT NULL,
            endorsement TEXT,
            detail TEXT
        ) STRICT;
        """)
}

/// The keys of the log: the one in force in a file of its own, the public halves of all in the log's database.
///
/// The name of the key is the origin of the log: the configured one, followed by `#` and a time since a rollback was found.
package actor LogKeyring {
    private let store: StateStore
    private let path: String
    private let configured: String
    private let file: LogKey

    /// - Parameters:
    ///   - path: the file of the key in force.
    ///   - origin: the name that the configuration gives the log.
    ///   - file: reads and makes keys.
    package init(store: StateStore, path: String, origin: String, file: LogKey) {
        self.store = store
        self.path = path
        self.configured = origin
        self.file = file
    }

    private var nextPath: String { "\(path).next" }

    /// The key to sign with. What a crash left of a change is brought to its end, or undone.
    package nonisolated func load() throws(StoreError) -> NoteSigner {
        let newest = try storing { try store.pool.read { try Self.known($0) } }.last
        let origin = newest.map(\.verifier.name).flatMap { isOwn($0) ? $0 : nil } ?? configured
        if PlainFile.exists("\(path).next") {
            let next = try file.load(path: "\(path).next", origin: newest?.verifier.name ?? configured)
            do throws(FileError) {
                if next.verifier == newest?.verifier {
                    try PlainFile.move("\(path).next", to: path)
                } else {
                    try PlainFile.remove("\(path).next")
                }
            } catch {
                throw .file(error)
            }
        }
        return try file.load(path: path, origin: origin)
    }

    private nonisolated func isOwn(_ origin: String) -> Bool { origin == configured || origin.hasPrefix("\(configured)#") }

    /// Every key that is known, oldest first.
    package nonisolated func known() async throws(StoreError) -> [KnownKey] {
        do { return try await store.pool.read { try Self.known($0) } } catch { throw StoreError(error) }
    }

    static func known(_ db: Database) throws -> [KnownKey] {
        try Row.fetchAll(db, sql: "SELECT vkey, since, cause, endorsement FROM log_keys ORDER BY number").map { row in
            guard let verifier = try? NoteVerifier(vkey: row["vkey"]), let cause = KeyCause(rawValue: row["cause"]) else {
                throw StoreError.damaged("a key of the log cannot be read")
            }
            return KnownKey(
                verifier: verifier, since: UInt64(clamping: row["since"] as Int64), cause: cause, endorsement: row["endorsement"])
        }
    }

    /// What the newest rollback was found to be, as its trace tells it; `nil` when the log bears the configured name.
    package nonisolated func rollback() async throws(StoreError) -> JSON? {
        let sql = "SELECT detail FROM log_keys WHERE cause = 'rolled_back' ORDER BY number DESC LIMIT 1"
        let detail: String?
        do {
            guard let newest = try await known().last, newest.verifier.name != configured else { return nil }
            detail = try await store.pool.read { try String.fetchOne($0, sql: sql) }
        } catch {
            throw StoreError(error)
        }
        return detail.flatMap { try? JSONDecoder().decode(JSON.self, from: Data($0.utf8)) }
    }

    /// Notes the key that the log is signed with, where that is news: the first one, or one whose file or name was changed while no agent
    /// ran.
    ///
    /// - Parameter trace: of the change; its detail is added here.
    package func settle(_ log: TraceLog, _ trace: TraceDraft) async throws {
        let keys = try await known()
        let present = log.signer
        guard present.verifier != keys.last?.verifier else { return }
        guard let before = keys.last?.verifier else {
            try await store.pool.write { [since = log.head.size] in
                try Self.insert($0, present.verifier, since: since, .first, endorsement: nil, detail: nil)
            }
            return
        }
        let old = try present.named(before.name)
        let isSame = old.verifier == before
        let endorsement = isSame ? try old.endorse(present.verifier) : nil
        try await record(log, present, before, isSame ? .renamed : .replaced, endorsement, trace)
    }

    /// A new key from now on; the old one vouches for it, signs the first checkpoint beside it and is then gone.
    ///
    /// - Parameter trace: who asked for it; its detail is added here.
    package func rotate(_ log: TraceLog, _ trace: TraceDraft) async throws -> NoteVerifier {
        let old = log.signer
        let new = try file.make(path: nextPath, origin: old.name)
        try await record(log, new, old.verifier, .rotated, try old.endorse(new.verifier), trace)
        try PlainFile.move(nextPath, to: path)
        log.adopt(new)
        try await log.signCheckpoint(beside: old)
        return new.verifier
    }

    /// A new name and a new key: whoever put an old state back may have the old key, so it vouches for nothing.
    ///
    /// - Parameters:
    ///   - suffix: makes the name another one than any before.
    ///   - trace: what was found; name and key are added to its detail here.
    package func beginAnew(_ log: TraceLog, suffix: String, _ trace: TraceDraft) async throws {
        let old = log.signer
        let new = try file.make(path: nextPath, origin: "\(configured)#\(suffix)")
        try await record(log, new, old.verifier, .rolledBack, nil, trace)
        try PlainFile.move(nextPath, to: path)
        log.adopt(new)
        try await log.signCheckpoint()
    }

    private func record(
        _ log: TraceLog, _ new: NoteSigner, _ old: NoteVerifier, _ cause: KeyCause, _ endorsement: String?, _ trace: TraceDraft
    ) async throws {
        var draft = trace
        var members: [String: JSON] = [
            "key": .string(new.verifier.vkey), "before": .string(old.vkey), "origin": .string(new.name), "cause": .string(cause.rawValue),
        ]
        members["endorsement"] = endorsement.map(JSON.string)
        if case .object(let own)? = trace.detail { members.merge(own) { _, own in own } }
        members["time"] = .string(trace.time.description)
        let told = JSON.object(members)
        draft.detail = told
        try await log.commit([draft]) { db, range in
            try Self.insert(db, new.verifier, since: range.upperBound, cause, endorsement: endorsement, detail: told)
            if cause == .rolledBack {
                try db.execute(sql: "UPDATE anchors SET size = min(size, ?)", arguments: [Int64(clamping: range.lowerBound)])
            }
        }
    }

    private static func insert(
        _ db: Database, _ key: NoteVerifier, since: UInt64, _ cause: KeyCause, endorsement: String?, detail: JSON?
    ) throws {
        try db.execute(
            sql: "INSERT INTO log_keys (vkey, since, cause, endorsement, detail) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                key.vkey, Int64(clamping: since), cause.rawValue, endorsement,
                detail.map { String(decoding: $0.canonical, as: UTF8.self) },
            ])
    }
}
