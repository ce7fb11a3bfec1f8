package import Audit
internal import Foundation
internal import GRDB
package import Primitives
package import Sessions

/// The log on SQLite, for those who read and prove it.
package struct StoreAuditReading: AuditReading {
    private let log: TraceLog
    private let keyring: LogKeyring

    package init(_ log: TraceLog, _ keyring: LogKeyring) {
        self.log = log
        self.keyring = keyring
    }

    package var reserve: ReserveStatus? { log.reserve?.status }

    package var verificationKey: String { log.signer.verifier.vkey }

    package func traces(from: UInt64, limit: Int) async throws(LedgerFailure) -> [(seq: UInt64, leaf: [UInt8])] {
        do {
            return try await log.traces(from: from, limit: limit).map { ($0.seq, $0.leaf) }
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func search(_ query: TraceQuery) async throws(LedgerFailure) -> TracePage {
        do { return try await log.search(query) } catch { throw LedgerFailure(reason: "\(error)") }
    }

    package func checkpoint() async throws(LedgerFailure) -> String {
        do { return try await log.signCheckpoint() } catch { throw LedgerFailure(reason: "\(error)") }
    }

    package func manifest(_ range: ClosedRange<UInt64>?) async throws(LedgerFailure) -> (manifest: BundleManifest, note: String)? {
        do {
            let note = try await log.signCheckpoint()
            let size = try Checkpoint(note: Array(note.utf8), verifiedBy: [log.signer.verifier]).size
            guard size > 0, (range?.upperBound ?? 0) < size else { return nil }
            let wanted = range ?? 0...(size - 1)
            let manifest = try await log.store.pool.read { db in
                try BundleManifest(
                    range: wanted, size: size, nodes: TileTable(db: db),
                    endorsements: try LogKeyring.known(db).compactMap(\.endorsement))
            }
            return (manifest, note)
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func stamps(upTo size: UInt64) async throws(LedgerFailure) -> [BundleStamp] {
        do {
            return try await log.reading { db in
                try Row.fetchAll(
                    db, sql: "SELECT size, note, token FROM timestamps WHERE size <= ? ORDER BY size DESC LIMIT 16",
                    arguments: [Int64(clamping: size)]
                ).map { row in
                    BundleStamp(size: UInt64(clamping: row["size"] as Int64), note: row["note"], token: Array(row["token"] as Data))
                }
            }
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func keys() async throws(LedgerFailure) -> [JSON] {
        do throws(StoreError) { return try await keyring.known().map(\.json) } catch { throw LedgerFailure(reason: "\(error)") }
    }

    package func rotateKey(_ trace: TraceDraft) async throws(LedgerFailure) -> String {
        do { return try await keyring.rotate(log, trace).vkey } catch { throw LedgerFailure(reason: "\(error)") }
    }

    package func rollback() async throws(LedgerFailure) -> JSON? {
        do throws(StoreError) { return try await keyring.rollback() } catch { throw LedgerFailure(reason: "\(error)") }
    }

    package func inclusion(of seq: UInt64, size: UInt64?) async throws(LedgerFailure) -> InclusionProof? {
        do {
            return try await log.inclusion(of: seq, size: try await signed(size))
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func consistency(from: UInt64, size: UInt64?) async throws(LedgerFailure) -> ConsistencyProof? {
        do {
            return try await log.consistency(from: from, size: try await signed(size))
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    /// The size that was asked for, else that of a checkpoint made now.
    private func signed(_ size: UInt64?) async throws -> UInt64 {
        if let size { return size }
        return try Checkpoint(text: try SignedNote(try await log.signCheckpoint()).text).size
    }

    package func check(
        progress: @escaping @Sendable (_ done: UInt64, _ of: UInt64) -> Void
    ) async throws(LedgerFailure) -> AuditCheck {
        do {
            let found = try await log.check(progress: progress)
            return .sound(size: found.head.size, root: found.head.root, checkpoint: found.checkpoint?.size)
        } catch let damage as LogDamage {
            return .broken(firstBad: damage.firstBadSequence, reason: "\(damage)")
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }
}
