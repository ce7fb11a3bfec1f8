package import Audit
package import Habilitation
package import Primitives

extension Session {
    /// An emergency that goes on in a session, for the program that declared it.
    package struct Declared: Hashable, Sendable {
        package let mark: EmergencyMark
        package let client: String

        package init(mark: EmergencyMark, client: String) {
            self.mark = mark
            self.client = client
        }
    }

    /// The emergency that a program has declared in it.
    package func mark(for client: String) -> EmergencyMark? { emergencies.first { $0.client == client }?.mark }
}

extension Emergency {
    package var mark: EmergencyMark { EmergencyMark(id: id, reason: reason) }

    var declared: Session.Declared { Session.Declared(mark: mark, client: client) }
}

extension SessionRegistry {
    /// An emergency that goes on.
    struct LiveEmergency {
        var value: Emergency
        /// Since boot.
        let began: Duration
        var deadline: Duration
        /// Whether it was told that it is about to end.
        var isWarned = false
    }

    /// Seconds before its end at which that is told.
    package static let warning: Int64 = 300

    /// Who else is told of emergencies from now on.
    package func tell(_ watch: any EmergencyWatch) { self.watch = watch }

    /// The emergency that a program has declared in a session and that goes on, and the whole seconds that it has left, at least one.
    func emergency(in id: String, client: String) -> (value: Emergency, left: Int64)? {
        guard let found = live[id]?.emergencies[client], case let left = found.left(at: time.sinceBoot()), left > 0 else { return nil }
        return (found.value, left)
    }

    /// Every emergency that goes on, the oldest first.
    package var emergencies: [Emergency] {
        let boot = time.sinceBoot()
        return live.values.flatMap(\.emergencies.values).filter { $0.left(at: boot) > 0 }.map(\.value)
            .sorted { ($0.declaredAt, $0.id) < ($1.declaredAt, $1.id) }
    }

    // MARK: Declaring

    /// Declares an emergency in a session: it widens what the person may do with this program, and with no other.
    ///
    /// One a program at a time: the same again, for the same reason and patient, is answered with what there is. It works while the log
    /// cannot be written, from the reserve. Every refusal is traced.
    package func declare(
        _ request: EmergencyRequest, session id: String, by caller: Caller
    ) async throws(Refusal) -> (emergency: Emergency, scopes: [Scope], isNew: Bool) {
        await takeTurn()
        defer { passTurn() }
        await expireEmergencies()
        let now = time.now()
        let session: Session
        let plan: EmergencyPlan
        do throws(Refusal) {
            session = try usable(id, for: caller)
            if let active = emergency(in: id, client: caller.client.name)?.value {
                guard active.reason == request.reason, active.patient == request.patient else {
                    throw Refusal(.breakGlassActive, ["break_glass": .string(active.id)])
                }
                return (active, caller.client.narrowed(rightsNow(of: session, client: caller.client.name).scopes), false)
            }
            plan = try self.plan(request, in: session, by: caller, at: now, within: secondsLeft(id))
        } catch {
            throw try await refusedEmergency(error, id, at: now, by: caller)
        }
        var marked = session
        marked.emergencies.append(plan.emergency.declared)
        _ = try await commit(
            [plan.trace(session, at: now, by: caller)], [.session(marked), .keep(plan.emergency.record)],
            as: .emergency(person: plan.emergency.person))
        guard live[id] != nil else {
            // The session ended while that was being written.
            let reason = found(id)?.endReason
            var over = plan.emergency
            over.endedAt = time.now()
            over.endReason = reason?.rawValue
            await write([EmergencyEnding(over, session, .breakGlassEnded, tokens: [], by: nil)])
            throw Self.over(reason)
        }
        begin(plan)
        live[id]?.lastActivity = time.sinceBoot()
        if let session = live[id]?.session { hub.publish(Event(.session, session.json, uid: session.uid)) }
        await announce(plan.emergency)
        return (plan.emergency, plan.scopes, true)
    }

    /// An emergency is in force from here on.
    func begin(_ plan: EmergencyPlan) {
        let value = plan.emergency
        live[value.session]?.emergencies[value.client] = LiveEmergency(
            value: value, began: time.sinceBoot(), deadline: time.sinceBoot() + .seconds(plan.seconds),
            isWarned: plan.seconds <= Self.warning)
        live[value.session]?.session.emergencies.removeAll { $0.client == value.client }
        live[value.session]?.session.emergencies.append(value.declared)
    }

    func announce(_ emergency: Emergency) async {
        publish(emergency, "declared")
        await watch?.began(emergency)
    }

    /// A request about an emergency that is refused, once that is traced.
    func refusedEmergency(_ refusal: Refusal, _ id: String, at now: Timestamp, by caller: Caller) async throws(Refusal) -> Refusal {
        let refusal = await explained(refusal, id, for: caller)
        var draft = refusalTrace(.breakGlassRefused, refusal, id, at: now, by: caller)
        if !refusal.members.isEmpty { draft.detail = .object(refusal.members) }
        try await refusals.write(draft)
        return refusal
    }

    // MARK: Telling

    /// Tells the user of the session, and those who look after emergencies.
    package func publish(_ emergency: Emergency, _ change: String) {
        hub.publish(Event(.breakGlass, emergency.json.with("change", .string(change)), uid: emergency.uid, overseers: overseers))
    }

    /// Users of the machine at whose session somebody is at work who reviews or administers.
    private var overseers: Set<UInt32> {
        Set(
            live.values.filter { entry in
                entry.session.mode == .card && entry.session.state == .active
                    && !rights(of: entry.session, client: entry.client).roles.isDisjoint(with: [.review, .administration])
            }.map(\.session.uid))
    }
}

extension SessionRegistry.LiveEmergency {
    /// Whole seconds until its end.
    func left(at boot: Duration) -> Int64 { max(0, (deadline - boot).components.seconds) }
}

extension SessionRegistry {
    /// Takes up an emergency that an earlier run of the agent left in a session that goes on.
    ///
    /// - Returns: whether it goes on as well.
    package func resume(_ emergency: Emergency) -> Bool {
        let left = emergency.expiresAt.seconds - time.now().seconds
        guard live[emergency.session] != nil, left > 0 else { return false }
        let boot = time.sinceBoot()
        live[emergency.session]?.emergencies[emergency.client] = LiveEmergency(
            value: emergency, began: boot - .seconds(max(0, time.now().seconds - emergency.declaredAt.seconds)),
            deadline: boot + .seconds(min(left, settings.emergencies.longest)))
        live[emergency.session]?.session.emergencies.removeAll { $0.client == emergency.client }
        live[emergency.session]?.session.emergencies.append(emergency.declared)
        return true
    }

    /// Completes the note of an emergency that goes on, with this trace; `nil` where no such one does.
    package func note(_ text: String, emergency id: String, _ draft: TraceDraft) async throws(Refusal) -> Emergency? {
        let all = live.values.flatMap(\.emergencies.values).map(\.value)
        guard let found = all.first(where: { $0.id == id }) else { return nil }
        // In force at once, so that an end that comes meanwhile is written with it.
        live[found.session]?.emergencies[found.client]?.value.note = text
        var noted = found
        noted.note = text
        do throws(Refusal) {
            _ = try await commit([draft], [.keep(noted.record)])
        } catch {
            live[found.session]?.emergencies[found.client]?.value.note = found.note
            throw error
        }
        return noted
    }
}
