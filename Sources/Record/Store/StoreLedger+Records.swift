internal import Foundation
internal import GRDB
internal import Primitives
package import Sessions

extension StoreLedger: RecordReading {
    package func record(_ kind: KeptRecord.Kind, _ id: String) async throws(LedgerFailure) -> KeptRecord? {
        try await read(kind, "AND id = ?", [id]) { $0.id == id }.first
    }

    package func records(_ kind: KeptRecord.Kind, key: String) async throws(LedgerFailure) -> [KeptRecord] {
        try await read(kind, "AND key = ? ORDER BY id", [key]) { $0.key == key }
    }

    package func openRecords(_ kind: KeptRecord.Kind) async throws(LedgerFailure) -> [KeptRecord] {
        try await read(kind, "AND open = 1 ORDER BY id", []) { $0.isOpen }
    }

    package func records(_ kind: KeptRecord.Kind, after: String?, limit: Int) async throws(LedgerFailure) -> [KeptRecord] {
        let first = after ?? ""
        return Array(try await read(kind, "AND id > ? ORDER BY id LIMIT ?", [first, limit]) { $0.id > first }.prefix(max(0, limit)))
    }

    /// What the database has, and in its place what the reserve knows since.
    private func read(
        _ kind: KeptRecord.Kind, _ condition: String, _ arguments: [any DatabaseValueConvertible & Sendable],
        fits: (KeptRecord) -> Bool
    ) async throws(LedgerFailure) -> [KeptRecord] {
        do {
            var found = try await log.store.pool.read { db in
                try Row.fetchAll(
                    db, sql: "SELECT id, key, open, json FROM records WHERE kind = ? \(condition)",
                    arguments: StatementArguments([kind.rawValue] + arguments)
                ).map { KeptRow(id: $0["id"], key: $0["key"], isOpen: $0["open"], json: $0["json"]) }
            }.map { try $0.record(kind) }
            let newer = log.reserve?.records(kind.rawValue) ?? [:]
            guard !newer.isEmpty else { return found }
            found.removeAll { newer[$0.id] != nil }
            for case .kept(_, let id, let key, let isOpen, let json) in newer.values {
                let record = try KeptRow(id: id, key: key, isOpen: isOpen, json: json).record(kind)
                if fits(record) { found.append(record) }
            }
            return found.sorted { $0.id < $1.id }
        } catch {
            throw LedgerFailure(reason: "\(error)")
        }
    }
}

private struct KeptRow: Sendable {
    let id: String
    let key: String
    let isOpen: Bool
    let json: String

    func record(_ kind: KeptRecord.Kind) throws -> KeptRecord {
        KeptRecord(kind, id, key: key, isOpen: isOpen, json: try JSONDecoder().decode(JSON.self, from: Data(json.utf8)))
    }
}
