package import Audit
internal import Habilitation
internal import Identity
package import Primitives

/// Whoever drops bodies from the log.
package protocol RetentionKeeping: Sendable {
    /// Drops the bodies of traces before a date; each part of it is traced with `draft`, to whose detail is added what was dropped.
    func drop(before: Timestamp, _ draft: TraceDraft) async throws(LedgerFailure) -> RetentionReport
}

/// Where two persons together let the bodies of old traces go: one asks in their session, another one agrees in theirs.
///
/// Each has to be at work with a card, with a right to it; the session of who asked must not have ended meanwhile, though it may have been
/// locked when the second one came.
package actor RetentionDesk {
    /// How long the second person has, in seconds.
    package static let patience: Int64 = 600
    private static let mostPending = 8

    private struct Request {
        let before: Timestamp
        let session: Session
        let rules: [Rule]
        let expiresAt: Timestamp
        let deadline: Duration
    }

    private let registry: SessionRegistry
    private let keeping: any RetentionKeeping
    private let time: any TimeSource
    private let random: any RandomSource
    /// Seconds that traces are kept at least; `nil` for ever.
    private let leastAge: Int64?
    private var requests: [String: Request] = [:]

    package init(
        registry: SessionRegistry, keeping: any RetentionKeeping, time: any TimeSource, random: any RandomSource, leastAge: Int64?
    ) {
        self.registry = registry
        self.keeping = keeping
        self.time = time
        self.random = random
        self.leastAge = leastAge
    }

    /// The first of two persons asks.
    package func ask(before: Timestamp, session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        let duty = try await registry.duty(.auditRetain, in: id, of: caller)
        try check(before)
        requests = requests.filter { $0.value.deadline > time.sinceBoot() }
        guard requests.count < Self.mostPending else { throw Refusal(.rateLimited, ["retry_after": .int(Self.patience)]) }
        let now = time.now()
        let name = random.opaqueID()
        var draft = duty.session.trace(.auditRetentionRequested, .granted, at: now, by: caller)
        draft.detail = [
            "request": .string(name), "before": .string(before.description), "rules": .array(duty.rules.map(\.json)),
        ]
        try await registry.write(draft)
        let expires = now.advanced(bySeconds: Self.patience)
        requests[name] = Request(
            before: before, session: duty.session, rules: duty.rules, expiresAt: expires,
            deadline: time.sinceBoot() + .seconds(Self.patience))
        return [
            "id": .string(name), "before": .string(before.description), "asked_by": duty.session.holder.actor,
            "expires_at": .string(expires.description),
        ]
    }

    /// The second of two persons agrees; then it is done.
    package func agree(_ name: String, session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        guard let request = requests[name], request.deadline > time.sinceBoot() else { throw Refusal(.notFound) }
        let duty = try await registry.duty(.auditRetain, in: id, of: caller)
        guard duty.session.holder.nationalID != request.session.holder.nationalID else {
            throw Refusal(.retentionDenied, ["detail": "the person who asked cannot agree as well"])
        }
        guard await registry.liveIDs.contains(request.session.id) else {
            requests[name] = nil
            throw Refusal(.retentionDenied, ["detail": "the session of the person who asked has ended"])
        }
        try check(request.before)
        // Another call may have taken it while this one waited.
        guard requests.removeValue(forKey: name) != nil else { throw Refusal(.notFound) }
        var draft = duty.session.trace(.auditRetained, .granted, at: time.now(), by: caller)
        draft.detail = [
            "request": .string(name), "before": .string(request.before.description),
            "by": .array(
                [(request.session, request.rules), (duty.session, duty.rules)].map { session, rules in
                    [
                        "session": .string(session.id), "national_id": .string(session.holder.nationalID.text),
                        "rules": .array(rules.map(\.json)),
                    ]
                }),
        ]
        do throws(LedgerFailure) {
            let report = try await keeping.drop(before: request.before, draft)
            return [
                "before": .string(request.before.description), "dropped": .int(Int64(clamping: report.count)),
                "kept": .int(Int64(clamping: report.kept)),
            ]
        } catch {
            throw Refusal(.traceUnavailable)
        }
    }

    private func check(_ before: Timestamp) throws(Refusal) {
        guard let leastAge else { throw Refusal(.retentionDenied, ["detail": "audit.retention is not set: traces are kept for ever"]) }
        let latest = time.now().advanced(bySeconds: -leastAge)
        guard before <= latest else {
            throw Refusal(
                .retentionDenied,
                ["detail": .string("traces are kept for \(leastAge) seconds at least"), "latest": .string(latest.description)])
        }
    }
}
