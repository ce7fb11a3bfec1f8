package import Audit
internal import Habilitation
internal import Identity
package import Primitives

extension SessionRegistry {
    /// Keeps a card from being used here: its report, what it changes, and its sessions, which end.
    package func reportLost(_ card: LostCard, in session: Session, by caller: Caller) async throws(Refusal) {
        _ = try await commit([card.reported(in: session, at: time.now(), by: caller)], [.keep(card.record)])
        await tookLost(card)
    }

    /// What writes a report in the commit of something else; ``tookLost(_:)`` follows it.
    package nonisolated func reporting(_ card: LostCard, in session: Session?, by caller: Caller) -> (draft: TraceDraft, effect: Effect) {
        (card.reported(in: session, at: card.at, by: caller), .keep(card.record))
    }

    /// A report is written: the card is refused from here on, and whoever uses it is out.
    package func tookLost(_ card: LostCard) async {
        lostCards.take(card)
        await end(live.values.map(\.session).filter { $0.card?.serial == card.serial }.map(\.id), .revoked, by: nil)
    }

    /// Lets a card be used again, as a référent at the caller's wishes. Every refusal is traced.
    package func liftLost(_ serial: String, by caller: Caller) async throws(Refusal) {
        let now = time.now()
        var draft = TraceDraft(.cardLifted, .granted, at: now)
        draft.client = caller.json
        draft.card = ["serial": .string(serial.cut(toBytes: 64))]
        do throws(Refusal) {
            guard let (session, rules) = duty(.accountManage, of: caller) else { throw Refusal(.forbidden) }
            guard let card = lostCards.card(serial) else { throw Refusal(.notFound) }
            draft.session = session.id
            draft.actor = session.holder.actor
            draft.detail = .members(["by": "administration", "person": card.person.map(JSON.string), "rules": .array(rules.map(\.json))])
        } catch {
            draft = TraceDraft(.degradedRefused, .refused, at: now)
            draft.client = caller.json
            draft.code = error.code.rawValue
            draft.card = ["serial": .string(serial.cut(toBytes: 64))]
            try await refusals.write(draft)
            throw error
        }
        _ = try await commit([draft], [.forget(.lostCard, id: serial)])
        lostCards.drop(serial)
    }
}

extension LostCard {
    fileprivate func reported(in session: Session?, at now: Timestamp, by caller: Caller) -> TraceDraft {
        var draft = session?.trace(.cardReportedLost, .granted, at: now, by: caller) ?? TraceDraft(.cardReportedLost, .granted, at: now)
        draft.client = caller.json
        draft.card = ["serial": .string(serial)]
        draft.reason = cause.rawValue
        draft.detail = .members(["person": person.map(JSON.string), "reported_by": .string(by)])
        return draft
    }
}
