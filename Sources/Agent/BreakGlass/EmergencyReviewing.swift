internal import Audit
internal import Habilitation
internal import Identity
package import Primitives
package import Sessions

/// What a reviewer says of emergencies.
package struct ReviewRequest: Hashable, Sendable {
    package let ids: [String]
    package let outcome: Emergency.Review.Outcome
    package let comment: String

    private static let most = 64
    private static let longestComment = 2000

    package init(_ ids: [String], outcome: Emergency.Review.Outcome, comment: String) throws(Refusal) {
        guard (1...Self.most).contains(ids.count), Set(ids).count == ids.count else {
            throw Refusal(.invalidRequest, ["detail": .string("ids is not a list of 1 to \(Self.most) different ids")])
        }
        self.ids = ids
        self.outcome = outcome
        self.comment = try EmergencyRequest.text(comment, "comment", atMost: Self.longestComment)
    }
}

extension EmergencyDesk {
    /// Records what a reviewer found, of all these emergencies or of none; each has ended and was reviewed by nobody yet. Every refusal is
    /// traced.
    ///
    /// The reviewer is at work in this session with their card, has the right to review, and is neither who declared the emergency nor who
    /// made the way in. Where one practitioner works alone they review their own ones, in another card session than the one it was in.
    package func review(_ request: ReviewRequest, session id: String, by caller: Caller) async throws(Refusal) -> [Emergency] {
        try await inTurn { () async throws(Refusal) in
            let now = time.now()
            let reviewer: Reviewer
            var reviewed: [Emergency] = []
            do throws(Refusal) {
                reviewer = try await self.reviewer(id, by: caller)
                for id in request.ids {
                    var emergency = try await reviewable(id, by: reviewer)
                    emergency.review = Emergency.Review(
                        outcome: request.outcome, comment: request.comment, by: reviewer.person, name: reviewer.name, at: now,
                        isSelf: emergency.person == reviewer.person)
                    reviewed.append(emergency)
                }
            } catch {
                throw try await refused(error, session: id, about: request.ids.first, at: now, by: caller)
            }
            do throws(LedgerFailure) {
                _ = try await ledger.commit(
                    reviewed.map { reviewer.trace($0, at: now, by: caller) }, reviewed.map { .keep($0.record) })
            } catch {
                throw Refusal(.traceUnavailable)
            }
            for emergency in reviewed { await seen(emergency) }
            return reviewed
        }
    }

    /// Somebody has reviewed it: nobody needs to be told any more.
    private func seen(_ emergency: Emergency) async {
        unreviewed[emergency.id] = nil
        if let review = emergency.review, !review.isSelf {
            pairs?.insert(ReviewPair(reviewer: review.by, person: emergency.person))
        }
        for teller in tellers { await teller.forget(emergency.id) }
        await registry.publish(emergency, "reviewed")
    }

    private func reviewer(_ id: String, by caller: Caller) async throws(Refusal) -> Reviewer {
        try caller.client.check(.emergency)
        do throws(Refusal) {
            let duty = try await registry.duty(.emergencyReview, in: id, of: caller)
            return Reviewer(session: duty.session, rules: duty.rules)
        } catch {
            guard settings.isSolo, error.code == .scopeDenied else { throw error }
            let session = try await registry.present(id, for: caller)
            guard session.mode == .card, session.state == .active else { throw error }
            return Reviewer(session: session, rules: nil)
        }
    }

    private func reviewable(_ id: String, by reviewer: Reviewer) async throws(Refusal) -> Emergency {
        let found: Emergency?
        do throws(LedgerFailure) { found = try await emergency(id) } catch { throw Refusal(.traceUnavailable) }
        guard let found else { throw Refusal(.breakGlassNotFound, ["break_glass": .string(id.cut(toBytes: 64))]) }
        let which: [String: JSON] = ["break_glass": .string(id)]
        if reviewer.person == found.person {
            guard settings.isSolo, reviewer.session.id != found.session, reviewer.session.openedAt >= found.declaredAt else {
                throw Refusal(.reviewDenied, which.merging(["detail": "nobody reviews an emergency of their own"]) { own, _ in own })
            }
        } else {
            // Without the right one may look at one's own only.
            guard reviewer.rules != nil else { throw .scopeDenied(.emergencyReview, [.noGrant]) }
            guard !found.makers.contains(reviewer.person) else {
                throw Refusal(
                    .reviewDenied,
                    which.merging(["detail": "whoever made the way in, confirmed it or vouched does not review its uses"]) { own, _ in own }
                )
            }
        }
        guard !found.isActive else { throw Refusal(.breakGlassActive, which) }
        guard found.review == nil else { throw Refusal(.reviewExists, which) }
        return found
    }

    // MARK: The note

    /// Completes what whoever declared it says of an emergency, until it is reviewed. Every refusal is traced.
    package func note(_ text: String, emergency id: String, by caller: Caller) async throws(Refusal) -> Emergency {
        let text = try EmergencyRequest.text(text, "note", atMost: EmergencyRequest.longestNote)
        return try await inTurn { () async throws(Refusal) in
            let now = time.now()
            var found: Emergency
            let session: Session
            do throws(Refusal) {
                try caller.client.check(.emergency)
                (found, session) = try await own(id, of: caller)
                guard found.review == nil else { throw Refusal(.reviewExists, ["break_glass": .string(id)]) }
            } catch {
                throw try await refused(error, session: nil, about: id, at: now, by: caller)
            }
            var draft = session.trace(.breakGlassNoted, .granted, at: now, by: caller)
            draft.emergency = found.kind == .breakGlass ? found.mark : nil
            draft.detail = ["note": .string(text), "session": .string(found.session)]
            if let noted = try await registry.note(text, emergency: id, draft) { return noted }
            // Its end is being written.
            guard found.kind == .degraded || !found.isActive else { throw Refusal(.traceUnavailable) }
            found.note = text
            do throws(LedgerFailure) {
                _ = try await ledger.commit([draft], [.keep(found.record)])
            } catch {
                throw Refusal(.traceUnavailable)
            }
            return found
        }
    }

    /// An emergency of the person who is at work in one of the caller's sessions, and that session.
    private func own(_ id: String, of caller: Caller) async throws(Refusal) -> (emergency: Emergency, session: Session) {
        let found: Emergency?
        do throws(LedgerFailure) { found = try await emergency(id) } catch { throw Refusal(.traceUnavailable) }
        let sessions = await registry.sessions(for: caller).filter { $0.state == .active }
        guard let found, let session = sessions.first(where: { $0.holder.nationalID.text == found.person }) else {
            throw Refusal(.breakGlassNotFound)
        }
        return (found, session)
    }

    /// A refusal, once it is traced.
    private func refused(
        _ refusal: Refusal, session: String?, about id: String?, at now: Timestamp, by caller: Caller
    ) async throws(Refusal) -> Refusal {
        var draft = TraceDraft(.breakGlassRefused, .refused, at: now)
        if let session, let known = try? await registry.session(session, for: caller) {
            draft = known.trace(.breakGlassRefused, .refused, at: now, by: caller)
        } else {
            draft.session = session?.cut(toBytes: 64)
        }
        draft.client = caller.json
        draft.code = refusal.code.rawValue
        var members = refusal.members
        members["break_glass"] = nil
        members["about"] = id.map { .string($0.cut(toBytes: 64)) }
        draft.detail = .object(members)
        try await registry.refusals.write(draft)
        return refusal
    }
}

/// Somebody at work who reviews.
private struct Reviewer {
    let session: Session
    /// By which they may; `nil` for somebody who works alone and may look at their own ones only.
    let rules: [Rule]?

    var person: String { session.holder.nationalID.text }
    var name: String { session.holder.displayName }

    func trace(_ emergency: Emergency, at now: Timestamp, by caller: Caller) -> TraceDraft {
        let isDeclared = emergency.kind == .breakGlass
        var draft = session.trace(isDeclared ? .breakGlassReviewed : .degradedReviewed, .granted, at: now, by: caller)
        // An emergency that the reviewer has declared in their own session is another one.
        draft.emergency = isDeclared ? emergency.mark : nil
        draft.patient = emergency.patient
        draft.detail = .members([
            "session": .string(emergency.session), "person": .string(emergency.person),
            "outcome": (emergency.review?.outcome.rawValue).map(JSON.string), "comment": (emergency.review?.comment).map(JSON.string),
            "self": emergency.person == person ? true : nil, "rules": rules.map { .array($0.map(\.json)) },
        ])
        return draft
    }
}
