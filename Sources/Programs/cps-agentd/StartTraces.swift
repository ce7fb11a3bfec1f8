import Audit
import ConfigurationFile
import Habilitation
import PKI
import Primitives
import Sessions
import Store

/// What a start leaves in the log: that it happened, with which configuration, and which sessions it found and ended.
struct StartTraces {
    let ledger: any Ledger
    let time: any TimeSource
    let configuration: AgentConfiguration
    let trust: TrustStore
    let matrix: HabilitationMatrix
    /// After a rollback no session of any kind goes on.
    let endsAll: Bool
    /// What was wrong with the reserve.
    let damage: Reserve.Damage?

    func write() async throws {
        let now = time.now()
        var started = TraceDraft(.agentStarted, .info, at: now)
        started.detail = ["version": .string(AgentVersion.current)]
        var loaded = TraceDraft(.configLoaded, .info, at: now)
        loaded.detail = [
            "sha256": .string(configuration.sha256), "overrides": .array(configuration.overrides.map(JSON.string)),
        ]
        let rights = HabilitationKeeper.loaded(matrix, configuration.habilitations.file, at: now)
        do throws(LedgerFailure) {
            _ = try await ledger.commit([started, loaded, authorities(now), rights] + damaged(now), [], as: .agent)
            try await endEarlier(now)
        } catch {
            throw StartFailure("the trace cannot be written: \(error.reason)")
        }
    }

    private func authorities(_ now: Timestamp) -> TraceDraft {
        var draft = TraceDraft(.trustLoaded, .info, at: now)
        draft.detail = [
            "environment": .string(trust.environment.rawValue),
            "anchors": .array(trust.anchors.map { .string(Hex.encode($0.fingerprint)) }),
            "intermediates": .array(trust.intermediates.map { .string(Hex.encode($0.fingerprint)) }),
        ]
        return draft
    }

    private func damaged(_ now: Timestamp) -> [TraceDraft] {
        guard let damage else { return [] }
        var draft = TraceDraft(.auditReserveDamaged, .failed, at: now)
        draft.reason = damage.reason
        draft.detail = ["first_lost": .int(Int64(clamping: damage.firstLost)), "copy": .string(damage.copy)]
        return [draft]
    }

    /// Card sessions do not outlive the agent that opened them (promise P2).
    private func endEarlier(_ now: Timestamp) async throws(LedgerFailure) {
        let earlier = try await ledger.unendedSessions().filter { endsAll || $0["mode"]?.string == Session.Mode.card.rawValue }
        guard !earlier.isEmpty else { return }
        var drafts: [TraceDraft] = []
        var ended: [(id: String, json: JSON)] = []
        for session in earlier {
            guard let id = session["id"]?.string, case .object(var members) = session else { continue }
            members["state"] = .string(Session.State.ended.rawValue)
            members["ended_at"] = .string(now.description)
            members["end_reason"] = .string(Session.EndReason.agentRestarted.rawValue)
            ended.append((id, .object(members)))
            var draft = TraceDraft(.sessionEnded, .info, at: now)
            draft.session = id
            draft.mode = session["mode"]?.string
            draft.actor = .members(["national_id": session["holder"]?["national_id"]])
            draft.reason = Session.EndReason.agentRestarted.rawValue
            drafts.append(draft)
        }
        try await ledger.endStored(drafts, sessions: ended)
    }
}
