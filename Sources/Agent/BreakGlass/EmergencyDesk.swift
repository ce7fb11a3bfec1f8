internal import Audit
internal import Identity
package import Primitives
package import Sessions

/// Where emergencies are looked after once they are declared: people are told, somebody reviews them, what is overdue is told again.
///
/// A declared emergency that goes on belongs to the registry of sessions, which alone changes its record; one that is over belongs to this
/// desk. A session without the card is an emergency too, which belongs to this desk from the beginning.
package actor EmergencyDesk: EmergencyWatch {
    let registry: SessionRegistry
    let ledger: any Ledger
    let records: any RecordReading
    let time: any TimeSource
    let settings: EmergencySettings
    let tellers: [EmergencyTeller]
    /// Puts an alert into the journal of the service.
    private let alert: @Sendable (String) -> Void
    /// Emergencies that nobody has reviewed yet, and what is to be done next about each.
    var unreviewed: [String: Pending] = [:]
    /// Who has reviewed whom; `nil` until it was asked for.
    var pairs: Set<ReviewPair>?
    private let turns = Turns()

    /// When an emergency is to be looked at next.
    struct Pending {
        let dueAt: Timestamp
        /// Of the kind ``Emergency/Kind/degraded``: the session that it is.
        let degraded: String?
        var nextAt: Timestamp
        var isOverdue: Bool
    }

    package init(
        registry: SessionRegistry, ledger: any Ledger, records: any RecordReading, time: any TimeSource, settings: EmergencySettings,
        tellers: [EmergencyTeller], alert: @escaping @Sendable (String) -> Void
    ) {
        self.registry = registry
        self.ledger = ledger
        self.records = records
        self.time = time
        self.settings = settings
        self.tellers = tellers
        self.alert = alert
    }

    // MARK: Beginning and end

    /// Takes up what an earlier run of the agent left: declarations go on where their session does, the others end; whoever was not told is.
    package func start() async throws(LedgerFailure) {
        await registry.tell(self)
        let now = time.now()
        let live = await registry.liveIDs
        for emergency in try await records.openRecords(.emergency).compactMap({ Emergency($0.json) }) {
            if emergency.isActive {
                let goesOn = live.contains(emergency.session) ? await resumes(emergency) : false
                if !goesOn { await end(emergency, .agentRestarted, at: now) }
            }
            if emergency.review == nil { await keepAnEye(on: emergency, isNew: false) }
        }
    }

    private func resumes(_ emergency: Emergency) async -> Bool {
        emergency.kind == .degraded ? true : await registry.resume(emergency)
    }

    package func began(_ emergency: Emergency) async {
        alert(emergency.alert)
        await keepAnEye(on: emergency, isNew: true)
    }

    private func keepAnEye(on emergency: Emergency, isNew: Bool) async {
        let isOverdue = emergency.overdueSince != nil
        unreviewed[emergency.id] = Pending(
            dueAt: emergency.reviewDueAt, degraded: emergency.kind == .degraded ? emergency.session : nil,
            nextAt: isOverdue ? nextPeriod(emergency.reviewDueAt) : emergency.reviewDueAt, isOverdue: isOverdue)
        let told = isNew ? [] : Set(((try? await records.records(.notice, key: emergency.id)) ?? []).map(\.id))
        for teller in tellers where !told.contains("\(emergency.id).\(teller.channel.name)") {
            await teller.add(EmergencyTeller.Notice(emergency, .declared))
        }
    }

    package func ended(session: String, reason: Session.EndReason) async {
        guard unreviewed.values.contains(where: { $0.degraded == session }) else { return }
        await turns.take()
        defer { turns.pass() }
        guard let emergency = try? await self.emergency(session), emergency.kind == .degraded, emergency.isActive else { return }
        await end(emergency, reason, at: time.now())
    }

    /// The record of one whose session is over. That a session without the card ended is traced as such.
    private func end(_ emergency: Emergency, _ reason: Session.EndReason, at now: Timestamp) async {
        var over = emergency
        over.endedAt = now
        over.endReason = reason.rawValue
        var drafts: [TraceDraft] = []
        if emergency.kind == .breakGlass {
            var draft = TraceDraft(.breakGlassEnded, .info, at: now)
            draft.session = emergency.session
            draft.mode = emergency.mode
            draft.actor = ["national_id": .string(emergency.person), "name": .string(emergency.name)]
            draft.patient = emergency.patient
            draft.reason = reason.rawValue
            draft.emergency = emergency.mark
            drafts.append(draft)
        }
        await registry.record(drafts, [.keep(over.record)], as: .ending)
        await registry.publish(over, "ended")
    }

    // MARK: Looking again

    /// Tells again of what nobody has reviewed in time.
    package func look() async {
        let now = time.now()
        for (id, pending) in unreviewed where pending.nextAt <= now {
            unreviewed[id]?.nextAt = nextPeriod(pending.dueAt)
            await overdue(id, since: pending.dueAt, at: now)
        }
    }

    /// The end of the period of review that goes on now, each as long as the first one.
    private func nextPeriod(_ due: Timestamp) -> Timestamp {
        let passed = max(0, time.now().seconds - due.seconds) / settings.reviewWithin
        return due.advanced(bySeconds: (passed + 1) * settings.reviewWithin)
    }

    private func overdue(_ id: String, since due: Timestamp, at now: Timestamp) async {
        await turns.take()
        defer { turns.pass() }
        guard var emergency = try? await self.emergency(id), emergency.review == nil else { return }
        let periods = (now.seconds - due.seconds) / settings.reviewWithin + 1
        unreviewed[id]?.isOverdue = true
        emergency.overdueSince = emergency.overdueSince ?? now
        var draft = TraceDraft(.breakGlassOverdue, .info, at: now)
        draft.session = emergency.session
        draft.mode = emergency.mode
        draft.actor = ["national_id": .string(emergency.person), "name": .string(emergency.name)]
        draft.emergency = emergency.kind == .breakGlass ? emergency.mark : nil
        draft.detail = ["review_due_at": .string(due.description), "periods": .int(periods), "emergency": .string(emergency.kind.rawValue)]
        // While it goes on its record is the registry's; that it is overdue is then known from its date.
        await registry.record([draft], emergency.isActive ? [] : [.keep(emergency.record)])
        alert("overdue: \(emergency.alert)")
        await registry.publish(emergency, "overdue")
        for teller in tellers { await teller.add(EmergencyTeller.Notice(emergency, .overdue(periods))) }
    }

    // MARK: Records

    /// As it is now: the registry's while it goes on, else as it was kept.
    func emergency(_ id: String) async throws(LedgerFailure) -> Emergency? {
        if let live = await registry.emergencies.first(where: { $0.id == id }) { return live }
        guard id.utf8.count <= Self.longestID else { return nil }
        return try await records.record(.emergency, id).flatMap { Emergency($0.json) }
    }

    static let longestID = 128

    func inTurn<Value>(_ body: () async throws(Refusal) -> Value) async throws(Refusal) -> Value {
        await turns.take()
        defer { turns.pass() }
        return try await body()
    }
}

extension Emergency {
    /// One line for the journal of the service; every text in it is one line already.
    var alert: String {
        let what = kind == .breakGlass ? "break-glass" : "session without the card"
        return "\(what) \(id): \(name) (\(person)), reason \(reason), session \(session), review due \(reviewDueAt)"
    }
}
