internal import Audit
internal import Foundation
import GRDB
internal import Primitives
package import Sessions

/// What a decision changes beside the log, as data: it can wait in the reserve for a database that can be written again.
package enum StoredChange: Hashable, Sendable {
    case session(id: String, mode: String, uid: UInt32, state: String, json: String)
    /// The end of a session that an earlier run of the agent had.
    case sessionEnded(id: String, json: String)
    case tokenIssued(id: String, session: String, audience: String, expiresAt: Int64)
    case tokensRevoked([String])
    case kept(kind: String, id: String, key: String, isOpen: Bool, json: String)
    case forgotten(kind: String, id: String)

    package init(_ effect: Effect) {
        switch effect {
        case .session(let session):
            self = .session(
                id: session.id, mode: session.mode.rawValue, uid: session.uid, state: session.state.rawValue,
                json: String(decoding: session.json.canonical, as: UTF8.self))
        case .tokenIssued(let token):
            self = .tokenIssued(
                id: token.id, session: token.session, audience: token.audience, expiresAt: token.expiresAt.milliseconds)
        case .tokensRevoked(let ids): self = .tokensRevoked(ids)
        case .keep(let record):
            self = .kept(
                kind: record.kind.rawValue, id: record.id, key: record.key, isOpen: record.isOpen,
                json: String(decoding: record.json.canonical, as: UTF8.self))
        case .forget(let kind, let id): self = .forgotten(kind: kind.rawValue, id: id)
        }
    }

    func apply(_ db: Database) throws {
        switch self {
        case .session(let id, let mode, let uid, let state, let json):
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO sessions (id, mode, uid, state, json) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET state = excluded.state, json = excluded.json
                    """)
            try statement.execute(arguments: [id, mode, uid, state, json])
        case .sessionEnded(let id, let json):
            try db.execute(sql: "UPDATE sessions SET state = 'ended', json = ? WHERE id = ?", arguments: [json, id])
        case .tokenIssued(let id, let session, let audience, let expiresAt):
            let statement = try db.cachedStatement(
                sql: "INSERT INTO tokens (jti, session, audience, expires_at) VALUES (?, ?, ?, ?)")
            try statement.execute(arguments: [id, session, audience, expiresAt])
        case .tokensRevoked(let ids):
            let statement = try db.cachedStatement(sql: "UPDATE tokens SET revoked = 1 WHERE jti = ?")
            for id in ids { try statement.execute(arguments: [id]) }
        case .kept(let kind, let id, let key, let isOpen, let json):
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO records (kind, id, key, open, json) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (kind, id) DO UPDATE SET key = excluded.key, open = excluded.open, json = excluded.json
                    """)
            try statement.execute(arguments: [kind, id, key, isOpen, json])
        case .forgotten(let kind, let id):
            try db.execute(sql: "DELETE FROM records WHERE kind = ? AND id = ?", arguments: [kind, id])
        }
    }
}

extension StoredChange {
    var json: JSON {
        switch self {
        case .session(let id, let mode, let uid, let state, let json):
            [
                "session": [
                    "id": .string(id), "mode": .string(mode), "uid": .int(Int64(uid)), "state": .string(state), "json": .string(json),
                ]
            ]
        case .sessionEnded(let id, let json): ["session_ended": ["id": .string(id), "json": .string(json)]]
        case .tokenIssued(let id, let session, let audience, let expiresAt):
            [
                "token_issued": [
                    "id": .string(id), "session": .string(session), "audience": .string(audience), "expires_at": .int(expiresAt),
                ]
            ]
        case .tokensRevoked(let ids): ["tokens_revoked": .array(ids.map(JSON.string))]
        case .kept(let kind, let id, let key, let isOpen, let json):
            [
                "kept": ["kind": .string(kind), "id": .string(id), "key": .string(key), "open": .bool(isOpen), "json": .string(json)]
            ]
        case .forgotten(let kind, let id): ["forgotten": ["kind": .string(kind), "id": .string(id)]]
        }
    }

    /// `nil` for what is no change.
    init?(_ json: JSON) {
        if let session = json["session"], let id = session["id"]?.string, let mode = session["mode"]?.string,
            let uid = session["uid"]?.int.flatMap(UInt32.init(exactly:)), let state = session["state"]?.string,
            let text = session["json"]?.string
        {
            self = .session(id: id, mode: mode, uid: uid, state: state, json: text)
        } else if let session = json["session_ended"], let id = session["id"]?.string, let text = session["json"]?.string {
            self = .sessionEnded(id: id, json: text)
        } else if let token = json["token_issued"], let id = token["id"]?.string, let session = token["session"]?.string,
            let audience = token["audience"]?.string, let expiresAt = token["expires_at"]?.int
        {
            self = .tokenIssued(id: id, session: session, audience: audience, expiresAt: expiresAt)
        } else if let ids = json["tokens_revoked"]?.array {
            self = .tokensRevoked(ids.compactMap(\.string))
        } else if let record = json["kept"], let kind = record["kind"]?.string, let id = record["id"]?.string,
            let key = record["key"]?.string, let isOpen = record["open"]?.bool, let text = record["json"]?.string
        {
            self = .kept(kind: kind, id: id, key: key, isOpen: isOpen, json: text)
        } else if let record = json["forgotten"], let kind = record["kind"]?.string, let id = record["id"]?.string {
            self = .forgotten(kind: kind, id: id)
        } else {
            return nil
        }
    }
}
