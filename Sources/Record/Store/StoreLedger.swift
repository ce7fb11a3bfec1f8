package import Audit
internal import Foundation
internal import GRDB
package import Primitives
package import Sessions

/// The ledger on SQLite: traces and the state they change share one transaction.
package struct StoreLedger: Ledger {
    let log: TraceLog
    private let grown: @Sendable (UInt64) -> Void

    /// - Parameter grown: is told after each commit how many traces there are.
    package init(_ log: TraceLog, grown: @escaping @Sendable (UInt64) -> Void = { _ in }) {
        self.log = log
        self.grown = grown
    }

    package func commit(_ traces: [TraceDraft], _ effects: [Effect], as urgency: Urgency) async throws(LedgerFailure) -> UInt64 {
        do {
            let range = try await log.commit(traces, as: urgency, changes: effects.map(StoredChange.init))
            grown(range.upperBound)
            return range.lowerBound
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func head() async -> (size: UInt64, root: [UInt8]) {
        let head = log.head
        return (head.size, head.root.bytes)
    }

    package func unendedSessions() async throws(LedgerFailure) -> [JSON] {
        do {
            var open = try await log.store.pool.read { db in
                try Row.fetchAll(db, sql: "SELECT id, json FROM sessions WHERE state <> 'ended'")
                    .reduce(into: [:]) { $0[$1["id"] as String] = $1["json"] as String }
            }
            for (id, kept) in log.reserve?.sessions ?? [:] { open[id] = kept.state == "ended" ? nil : kept.json }
            return try open.sorted { $0.key < $1.key }.map { try Self.decoded($0.value) }
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func storedSession(_ id: String) async throws(LedgerFailure) -> JSON? {
        do {
            if let kept = log.reserve?.sessions[id] { return try Self.decoded(kept.json) }
            let text = try await log.store.pool.read { db in
                try String.fetchOne(db, sql: "SELECT json FROM sessions WHERE id = ?", arguments: [id])
            }
            return try text.map(Self.decoded)
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func endStored(_ traces: [TraceDraft], sessions: [(id: String, json: JSON)]) async throws(LedgerFailure) {
        do {
            try await log.commit(
                traces, as: .ending,
                changes: sessions.map { .sessionEnded(id: $0.id, json: String(decoding: $0.json.canonical, as: UTF8.self)) })
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    private static func decoded(_ text: String) throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }
}
