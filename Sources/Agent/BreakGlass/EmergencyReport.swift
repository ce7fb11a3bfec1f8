internal import Audit
internal import Foundation
package import Primitives
package import Sessions

extension EmergencyDesk {
    /// Traces in one report; far more than a session of some hours leaves.
    private static let mostTraces = 2000
    private static let page = 256

    /// An emergency with every trace of it, and the proof that each is in the log that one checkpoint signs; `nil` when there is no such
    /// emergency.
    ///
    /// Of a declared emergency these are the traces that name it; of a session without the card all traces of the session.
    package func report(_ id: String, from audit: any AuditReading) async throws(LedgerFailure) -> JSON? {
        guard let found = try await self.emergency(id), let shown = try await self.shown(id) else { return nil }
        let note = try await audit.checkpoint()
        guard let size = note.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().first.flatMap({ UInt64($0) }) else {
            throw LedgerFailure(reason: "the checkpoint cannot be read")
        }
        var leaves: [UInt64: [UInt8]] = [:]
        var inSession = TraceQuery(limit: Self.page)
        inSession.session = found.session
        var isWhole = try await collect(inSession, about: found, below: size, audit, into: &leaves)
        // Reviews, and what was told of it, stand in sessions of others or in none.
        for family in ["breakglass", "degraded"] {
            var elsewhere = TraceQuery(limit: Self.page)
            elsewhere.event = TraceQuery.Event("\(family).*")
            elsewhere.since = found.declaredAt
            let isAll = try await collect(elsewhere, about: found, below: size, audit, into: &leaves)
            isWhole = isWhole && isAll
        }
        var traces: [JSON] = []
        for (seq, leaf) in leaves.sorted(by: { $0.key < $1.key }) {
            guard let proof = try await audit.inclusion(of: seq, size: size) else { continue }
            traces.append([
                "seq": .int(Int64(clamping: seq)), "trace": .string(String(decoding: leaf, as: UTF8.self)),
                "hashes": .array(proof.hashes.map { .string($0.base64) }),
            ])
        }
        return [
            "emergency": shown, "traces": .array(traces), "complete": .bool(isWhole), "checkpoint": .string(note),
            "key": .string(audit.verificationKey),
        ]
    }

    /// - Returns: whether these are all.
    private func collect(
        _ query: TraceQuery, about emergency: Emergency, below size: UInt64, _ audit: any AuditReading, into leaves: inout [UInt64: [UInt8]]
    ) async throws(LedgerFailure) -> Bool {
        var query = query
        while true {
            let page = try await audit.search(query)
            for leaf in page.leaves {
                guard let trace = try? JSONDecoder().decode(JSON.self, from: Data(leaf)), Self.isAbout(emergency, trace),
                    let seq = trace["seq"]?.int.flatMap({ UInt64(exactly: $0) }), seq < size
                else { continue }
                guard leaves.count < Self.mostTraces || leaves[seq] != nil else { return false }
                leaves[seq] = leaf
            }
            guard let next = page.next else { return true }
            query.from = next
        }
    }

    private static func isAbout(_ emergency: Emergency, _ trace: JSON) -> Bool {
        switch emergency.kind {
        case .breakGlass: trace["detail"]?["break_glass"]?.string == emergency.id
        case .degraded: trace["session"]?.string == emergency.session || trace["detail"]?["session"]?.string == emergency.session
        }
    }
}
