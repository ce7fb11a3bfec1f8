package import Audit
internal import GRDB
package import Sessions

/// The log on SQLite, for those who read and prove it.
package struct StoreAuditReading: AuditReading {
    private let log: TraceLog

    package init(_ log: TraceLog) { self.log = log }

    package var reserve: ReserveStatus? { log.reserve?.status }

    package var verificationKey: String { log.signer.verifier.vkey }

    package func traces(from: UInt64, limit: Int, actor: String?) async throws(LedgerFailure) -> [(seq: UInt64, leaf: [UInt8])] {
        do {
            return try await log.traces(TraceFilter(actor: actor), from: from, limit: limit).map { ($0.seq, $0.leaf) }
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
                try BundleManifest(range: wanted, size: size, nodes: NodeTable(db: db))
            }
            return (manifest, note)
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func check() async throws(LedgerFailure) -> AuditCheck {
        do {
            let found = try await log.check()
            return .sound(size: found.head.size, root: found.head.root, checkpoint: found.checkpoint?.size)
        } catch let damage as LogDamage {
            return .broken(firstBad: damage.firstBadSequence, reason: "\(damage)")
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }
}
