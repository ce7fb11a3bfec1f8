internal import Audit
internal import Identity
package import Primitives

/// An emergency that is over, its end yet to be written and told.
struct EmergencyEnding: Sendable {
    let emergency: Emergency
    let session: Session
    let event: TraceEvent
    /// Ids of the tokens that were issued under it; they are dead.
    let tokens: [String]
    let draft: TraceDraft

    /// Ids of tokens in one trace; the count says how many there were.
    private static let tokensNamed = 64

    init(_ emergency: Emergency, _ session: Session, _ event: TraceEvent, tokens: [String], by caller: Caller?) {
        self.emergency = emergency
        self.session = session
        self.event = event
        self.tokens = tokens
        let outcome: TraceOutcome = event == .breakGlassClosed ? .granted : .info
        var draft = session.trace(event, outcome, at: emergency.endedAt ?? emergency.expiresAt, by: caller)
        draft.emergency = emergency.mark
        draft.patient = emergency.patient
        draft.reason = emergency.endReason
        draft.detail = [
            "tokens_revoked": .int(Int64(tokens.count)), "tokens": .array(tokens.prefix(Self.tokensNamed).map(JSON.string)),
        ]
        self.draft = draft
    }

    var effects: [Effect] { [.keep(emergency.record)] + (tokens.isEmpty ? [] : [.tokensRevoked(tokens)]) }
}

extension SessionRegistry {
    /// Takes the emergencies of a session out of force; the tokens that were issued under them are dead when this returns.
    ///
    /// - Parameter client: of whose program; `nil` for all.
    func emergencyEndings(
        of id: String, client: String? = nil, _ event: TraceEvent, _ reason: String, at now: Timestamp, by caller: Caller?
    ) -> [EmergencyEnding] {
        guard let entry = live[id] else { return [] }
        let over = entry.emergencies.values.filter { client == nil || $0.value.client == client }
            .sorted { $0.value.id < $1.value.id }
        return over.map { found in
            var value = found.value
            value.endedAt = now
            value.endReason = reason
            live[id]?.emergencies[value.client] = nil
            live[id]?.session.emergencies.removeAll { $0.mark.id == value.id }
            let tokens = entry.tokens.values.map(\.record).filter { $0.emergency?.id == value.id }.map(\.id).sorted()
            for token in tokens { live[id]?.tokens[token] = nil }
            return EmergencyEnding(value, entry.session, event, tokens: tokens, by: caller)
        }
    }

    /// Puts ends into the log, then tells listeners.
    func write(_ endings: [EmergencyEnding]) async {
        guard !endings.isEmpty else { return }
        let sessions = Set(endings.map(\.session.id)).compactMap { live[$0]?.session }
        await record(endings.map(\.draft), sessions.map { .session($0) } + endings.flatMap(\.effects), as: .ending)
        for session in sessions { hub.publish(Event(.session, session.json, uid: session.uid)) }
        for ending in endings { tell(ending) }
    }

    func tell(_ ending: EmergencyEnding) {
        for token in ending.tokens { hub.publish(.tokenRevoked(token, of: ending.session)) }
        let change = ending.event.rawValue.split(separator: ".").last.map(String.init) ?? "ended"
        publish(ending.emergency, change)
    }

    /// Ends emergencies whose time is over, and tells of those that are about to end.
    func expireEmergencies() async {
        let (boot, now) = (time.sinceBoot(), time.now())
        var over: [EmergencyEnding] = []
        for (id, entry) in live {
            for (client, found) in entry.emergencies {
                let left = found.left(at: boot)
                if left <= 0 {
                    over += emergencyEndings(of: id, client: client, .breakGlassExpired, "expired", at: now, by: nil)
                } else if left <= Self.warning, !found.isWarned {
                    live[id]?.emergencies[client]?.isWarned = true
                    publish(found.value, "expires_soon")
                }
            }
        }
        await write(over)
    }

    // MARK: At somebody's wish

    /// Ends an emergency; its tokens are dead to everybody when this begins to write.
    package func close(_ id: String, by caller: Caller) async throws(Refusal) {
        let now = time.now()
        let found: LiveEmergency
        do throws(Refusal) {
            found = try ongoing(id, for: caller)
            // As for an end of a session: what root must stop it stops.
            if caller.uid != 0 { try caller.client.check(.emergency) }
        } catch {
            throw try await refusedEmergency(error, emergency: id, at: now, by: caller)
        }
        await write(emergencyEndings(of: found.value.session, client: found.value.client, .breakGlassClosed, "closed", at: now, by: caller))
    }

    /// Lets an emergency last longer: `minutes`, else the usual time, from now on, within the longest time since it was declared and the
    /// life of its session. Every refusal is traced.
    package func extend(_ id: String, minutes: Int64?, by caller: Caller) async throws(Refusal) -> Emergency {
        await takeTurn()
        defer { passTurn() }
        let now = time.now()
        var value: Emergency
        let deadline: Duration
        let session: Session
        do throws(Refusal) {
            let found = try ongoing(id, for: caller)
            value = found.value
            try caller.client.check(.emergency)
            session = try usable(value.session, for: caller)
            let settings = settings.emergencies
            let most = settings.longest - (time.sinceBoot() - found.began).components.seconds
            let seconds = min(try settings.seconds(minutes), max(0, most), secondsLeft(value.session))
            deadline = time.sinceBoot() + .seconds(seconds)
            guard deadline > found.deadline else { throw Refusal(.breakGlassLimit, ["break_glass": .string(id)]) }
            value.expiresAt = now.advanced(bySeconds: seconds)
        } catch {
            throw try await refusedEmergency(error, emergency: id, at: now, by: caller)
        }
        var draft = session.trace(.breakGlassExtended, .granted, at: now, by: caller)
        draft.emergency = value.mark
        draft.patient = value.patient
        draft.detail = ["expires_at": .string(value.expiresAt.description)]
        _ = try await commit([draft], [.keep(value.record)], as: .emergency(person: value.person))
        guard live[value.session]?.emergencies[value.client]?.value.id == id else { throw Refusal(.breakGlassEnded) }
        live[value.session]?.emergencies[value.client]?.value.expiresAt = value.expiresAt
        live[value.session]?.emergencies[value.client]?.deadline = deadline
        live[value.session]?.emergencies[value.client]?.isWarned = false
        live[value.session]?.lastActivity = time.sinceBoot()
        value = live[value.session]?.emergencies[value.client]?.value ?? value
        publish(value, "extended")
        return value
    }

    /// An emergency that goes on, in a session of the caller's.
    private func ongoing(_ id: String, for caller: Caller) throws(Refusal) -> LiveEmergency {
        let boot = time.sinceBoot()
        for entry in live.values where isOwner(caller, entry.session) {
            if let found = entry.emergencies.values.first(where: { $0.value.id == id && $0.left(at: boot) > 0 }) { return found }
        }
        throw Refusal(.breakGlassNotFound)
    }

    private func refusedEmergency(
        _ refusal: Refusal, emergency id: String, at now: Timestamp, by caller: Caller
    ) async throws(Refusal) -> Refusal {
        var draft = TraceDraft(.breakGlassRefused, .refused, at: now)
        draft.client = caller.json
        draft.code = refusal.code.rawValue
        draft.detail = .object(refusal.members.merging(["about": .string(id.cut(toBytes: 64))]) { own, _ in own })
        try await refusals.write(draft)
        return refusal
    }
}
