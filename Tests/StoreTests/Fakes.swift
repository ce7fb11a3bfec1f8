import Audit
import Foundation
import GRDB
import Primitives
import Store
import Synchronization

/// A folder that goes when the test ends.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var state: String { path + "/state" }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}

/// A clock that stands still.
struct StoppedClock: TimeSource {
    func now() -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000) }
    func sinceBoot() -> Duration { .zero }
    func awake() -> Duration { .zero }
}

/// The same bytes at each call.
struct SameBytes: RandomSource {
    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }
}

struct EffectFailed: Error, Hashable {}

/// Counts the transactions that changed something.
final class CommitCounter: TransactionObserver, Sendable {
    let commits = Atomic(0)

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { commits.add(1, ordering: .relaxed) }
    func databaseDidRollback(_ db: Database) {}
}

/// A table for effects, with a rule that is only checked at COMMIT.
let effects = Migration(
    "effects",
    """
    CREATE TABLE effects (seq INTEGER PRIMARY KEY, trace INTEGER REFERENCES traces (seq) DEFERRABLE INITIALLY DEFERRED) STRICT;
    """)

func openStore(_ folder: Folder) throws -> StateStore { try StateStore(folder: folder.state, migrations: Migration.all + [effects]) }

func openLog(_ store: StateStore, random: any RandomSource = SameBytes()) throws -> TraceLog {
    let signer = try NoteSigner(name: "test/log", seed: [UInt8](repeating: 1, count: 32))
    return try TraceLog(store: store, workstation: "ws", signer: signer, time: StoppedClock(), random: random)
}

func draft(_ reason: String, event: TraceEvent = .cardRead, session: String? = nil, actor: String? = nil) -> TraceDraft {
    var draft = TraceDraft(event, .info, at: StoppedClock().now())
    draft.reason = reason
    draft.session = session
    draft.actor = actor.map { ["national_id": .string($0)] }
    return draft
}

extension TraceLog {
    /// The traces' reasons in order, which tests use as names.
    func reasons(from: UInt64? = nil, _ order: Order = .oldestFirst, limit: Int = 1000) async throws -> [String] {
        try await traces(from: from, order, limit: limit).map { try json($0.leaf)["reason"]?.string ?? "" }
    }

    /// The traces of an event.
    func all(_ event: TraceEvent) async throws -> [JSON] {
        var query = TraceQuery(limit: 1000)
        query.event = .one(event)
        return try await search(query).leaves.map(json)
    }

    private func json(_ leaf: [UInt8]) throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(leaf)) }
}
