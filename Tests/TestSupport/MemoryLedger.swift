package import Audit
package import Primitives
package import Sessions
import Synchronization

/// A ledger in memory that can be told to fail, or to let a commit wait.
package final class MemoryLedger: Ledger, RecordReading {
    /// One transaction: its traces with their places, and its effects.
    package struct Commit: Sendable {
        package let first: UInt64
        package let drafts: [TraceDraft]
        package let effects: [Effect]
        package let urgency: Urgency
    }

    private struct State {
        var commits: [Commit] = []
        var size: UInt64 = 0
        var fails = false
        var holds: [(event: TraceEvent, gate: Gate)] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// From now on nothing can be written, or it can again.
    package func setFails(_ fails: Bool) { state.withLock { $0.fails = fails } }

    /// The next commit with a trace of this event waits at the gate, before it is written.
    package func hold(_ event: TraceEvent) -> Gate {
        let gate = Gate()
        state.withLock { $0.holds.append((event, gate)) }
        return gate
    }

    package var commits: [Commit] { state.withLock { $0.commits } }
    package var traces: [TraceDraft] { commits.flatMap(\.drafts) }
    package var events: [TraceEvent] { traces.map(\.event) }

    package func traces(of event: TraceEvent) -> [TraceDraft] { traces.filter { $0.event == event } }

    /// Sessions as the effects left them.
    package var sessions: [String: Session] {
        commits.flatMap(\.effects).reduce(into: [:]) { found, effect in
            if case .session(let session) = effect { found[session.id] = session }
        }
    }

    /// Records as the effects left them.
    package func kept(_ kind: KeptRecord.Kind) -> [KeptRecord] {
        let found = commits.flatMap(\.effects).reduce(into: [String: KeptRecord]()) { found, effect in
            switch effect {
            case .keep(let record) where record.kind == kind: found[record.id] = record
            case .forget(kind, let id): found[id] = nil
            default: break
            }
        }
        return found.values.sorted { $0.id < $1.id }
    }

    package var issuedTokens: [String] {
        commits.flatMap(\.effects).compactMap { if case .tokenIssued(let record) = $0 { record.id } else { nil } }
    }

    package var revokedTokens: [String] {
        commits.flatMap(\.effects).flatMap { if case .tokensRevoked(let ids) = $0 { ids } else { [String]() } }
    }

    /// Everything that was written, as text.
    package var written: String {
        let leaves = traces.map { $0.leaf(seq: 0, salt: [], workstation: "") }
        let states = sessions.values.map(\.json.canonical)
        return (leaves + states).map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }

    // MARK: Ledger

    package func commit(_ traces: [TraceDraft], _ effects: [Effect], as urgency: Urgency) async throws(LedgerFailure) -> UInt64 {
        let gate = state.withLock { state in
            let index = state.holds.firstIndex { hold in traces.contains { $0.event == hold.event } }
            return index.map { state.holds.remove(at: $0).gate }
        }
        await gate?.pass()
        let first: UInt64? = state.withLock { state in
            guard !state.fails else { return nil }
            let first = state.size
            state.commits.append(Commit(first: first, drafts: traces, effects: effects, urgency: urgency))
            state.size += UInt64(traces.count)
            return first
        }
        guard let first else { throw LedgerFailure(reason: "told to fail") }
        return first
    }

    package func head() async -> (size: UInt64, root: [UInt8]) {
        let size = state.withLock { $0.size }
        return (size, [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: 32))
    }

    package func unendedSessions() async throws(LedgerFailure) -> [JSON] { [] }

    package func storedSession(_ id: String) async throws(LedgerFailure) -> JSON? { sessions[id]?.json }

    package func endStored(_ traces: [TraceDraft], sessions: [(id: String, json: JSON)]) async throws(LedgerFailure) {
        _ = try await commit(traces, [])
    }

    // MARK: RecordReading

    package func record(_ kind: KeptRecord.Kind, _ id: String) async throws(LedgerFailure) -> KeptRecord? {
        kept(kind).first { $0.id == id }
    }

    package func records(_ kind: KeptRecord.Kind, key: String) async throws(LedgerFailure) -> [KeptRecord] {
        kept(kind).filter { $0.key == key }
    }

    package func openRecords(_ kind: KeptRecord.Kind) async throws(LedgerFailure) -> [KeptRecord] { kept(kind).filter(\.isOpen) }

    package func records(_ kind: KeptRecord.Kind, after: String?, limit: Int) async throws(LedgerFailure) -> [KeptRecord] {
        Array(kept(kind).filter { $0.id > after ?? "" }.prefix(limit))
    }
}
