package import Audit
internal import Foundation
internal import GRDB
package import Primitives
package import Sessions

/// The ledger on SQLite: traces and the state they change share one transaction.
package struct StoreLedger: Ledger {
    private let log: TraceLog

    package init(_ log: TraceLog) { self.log = log }

    package func commit(_ traces: [TraceDraft], _ effects: [Effect]) async throws(LedgerFailure) -> UInt64 {
        do {
            return try await log.commit(traces) { db, _ in for effect in effects { try Self.apply(effect, db) } }.lowerBound
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
            let rows = try await log.store.pool.read { db in
                try String.fetchAll(db, sql: "SELECT json FROM sessions WHERE state <> 'ended'")
            }
            return try rows.map { try JSONDecoder().decode(JSON.self, from: Data($0.utf8)) }
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func storedSession(_ id: String) async throws(LedgerFailure) -> JSON? {
        do {
            let text = try await log.store.pool.read { db in
                try String.fetchOne(db, sql: "SELECT json FROM sessions WHERE id = ?", arguments: [id])
            }
            return try text.map { try JSONDecoder().decode(JSON.self, from: Data($0.utf8)) }
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    package func endStored(_ traces: [TraceDraft], sessions: [(id: String, json: JSON)]) async throws(LedgerFailure) {
        do {
            try await log.commit(traces) { db, _ in
                for session in sessions {
                    let text = String(decoding: session.json.canonical, as: UTF8.self)
                    try db.execute(sql: "UPDATE sessions SET state = 'ended', json = ? WHERE id = ?", arguments: [text, session.id])
                }
            }
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }

    private static func apply(_ effect: Effect, _ db: Database) throws {
        switch effect {
        case .session(let session):
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO sessions (id, mode, uid, state, json) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET state = excluded.state, json = excluded.json
                    """)
            let text = String(decoding: session.json.canonical, as: UTF8.self)
            try statement.execute(arguments: [session.id, session.mode.rawValue, session.uid, session.state.rawValue, text])
        case .tokenIssued(let token):
            let statement = try db.cachedStatement(
                sql: "INSERT INTO tokens (jti, session, audience, expires_at) VALUES (?, ?, ?, ?)")
            try statement.execute(arguments: [token.id, token.session, token.audience, token.expiresAt.milliseconds])
        case .tokensRevoked(let ids):
            let statement = try db.cachedStatement(sql: "UPDATE tokens SET revoked = 1 WHERE jti = ?")
            for id in ids { try statement.execute(arguments: [id]) }
        }
    }
}
