package import Audit
import GRDB
package import Primitives

extension TraceLog {
    /// The last stored checkpoint as a signed note; `nil` before the first.
    package func latestCheckpoint() async throws(StoreError) -> String? {
        try await reading { try String.fetchOne($0, sql: "SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1") }
    }

    /// How many traces the newest checkpoint covers, and when it was signed; `nil` before the first.
    package func newestCheckpoint() async throws(StoreError) -> (size: UInt64, at: Timestamp)? {
        try await reading { db in
            try Row.fetchOne(db, sql: "SELECT size, created_at FROM checkpoints ORDER BY size DESC LIMIT 1").flatMap { row in
                Timestamp(row["created_at"] as String).map { (UInt64(clamping: row["size"] as Int64), $0) }
            }
        }
    }

    /// Signs the head as it is now, keeps the note and gives it; when nothing is new the last one is given again.
    ///
    /// Signing is not traced: the trace would itself be new.
    ///
    /// - Parameter older: a key that signs beside the one in force, once.
    @discardableResult
    package func signCheckpoint(beside older: NoteSigner? = nil) async throws -> String {
        let (head, signer) = (self.head, self.signer)
        let checkpoint = Checkpoint(origin: signer.name, size: head.size, root: head.root)
        if let latest = try await latestCheckpoint(), isOurs(latest, checkpoint, signer) { return latest }
        var note = try signer.note(checkpoint)
        if let older { note = try older.cosign(note) }
        let kept = note
        let arguments: StatementArguments = [Int64(clamping: head.size), kept, time.now().description]
        try await store.pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO checkpoints (size, note, created_at) VALUES (?, ?, ?)
                    ON CONFLICT (size) DO UPDATE SET note = excluded.note, created_at = excluded.created_at
                    """, arguments: arguments)
        }
        return kept
    }

    private func isOurs(_ note: String, _ checkpoint: Checkpoint, _ signer: NoteSigner) -> Bool {
        (try? SignedNote(note).text(verifiedBy: [signer.verifier])) == checkpoint.text
    }
}
