import Audit
import ConfigurationFile
import Habilitation
import PKI
import Primitives
import Sessions
import Store

/// What a start leaves in the log: that it happened, with which configuration, and which sessions it found and ended or took up again.
struct StartTraces {
    let ledger: any Ledger & RecordReading
    let registry: SessionRegistry
    let floor: ClockFloor
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
            _ = try await ledger.commit([started, loaded, authorities(now), rights] + homologation(now) + damaged(now), [], as: .agent)
            try await settleEarlier(now)
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

    /// Why people may come in without their card.
    private func homologation(_ now: Timestamp) -> [TraceDraft] {
        guard configuration.degraded.isEnabled, let homologation = configuration.degraded.homologation else { return [] }
        var draft = TraceDraft(.degradedHomologation, .info, at: now)
        draft.detail = homologation.json(at: now)
        return [draft]
    }

    private func damaged(_ now: Timestamp) -> [TraceDraft] {
        guard let damage else { return [] }
        var draft = TraceDraft(.auditReserveDamaged, .failed, at: now)
        draft.reason = damage.reason
        draft.detail = ["first_lost": .int(Int64(clamping: damage.firstLost)), "copy": .string(damage.copy)]
        return [draft]
    }

    /// Card sessions do not outlive the agent that opened them (promise P2); the others go on where there still may be any.
    private func settleEarlier(_ now: Timestamp) async throws(LedgerFailure) {
        try await registry.lostCards.load(ledger)
        let earlier = try await ledger.unendedSessions()
        let ended = earlier.filter { session in
            guard let mode = session["mode"]?.string.flatMap(Session.Mode.init(rawValue:)) else { return true }
            return endsAll || !registry.isTakenUp(mode)
        }
        try await ledger.end(ended.compactMap { StoredEnding($0, .agentRestarted, at: now) })
        guard !endsAll else { return }
        try await registry.restore(earlier, ledger, floor: floor.floor)
    }
}
