internal import Audit
internal import DegradedMode
internal import Identity
internal import Primitives
internal import Sessions

extension Account {
    /// The account and its person, as the detail of traces names them.
    func detail(_ more: [String: JSON] = [:]) -> JSON {
        .object(
            more.merging([
                "account": .string(id), "person": ["national_id": .string(person.text), "name": .string(holder.displayName)],
            ]) { own, _ in own })
    }

    /// A trace of what somebody did to the account in their session.
    func trace(
        _ event: TraceEvent, in session: Session, at time: Timestamp, by caller: Caller, _ more: [String: JSON] = [:]
    ) -> TraceDraft {
        var draft = session.trace(event, .granted, at: time, by: caller)
        draft.detail = detail(more)
        return draft
    }

    /// A trace of what its own person did without a session.
    func trace(_ event: TraceEvent, _ outcome: TraceOutcome, at time: Timestamp, by caller: Caller, _ more: [String: JSON] = [:])
        -> TraceDraft
    {
        var draft = TraceDraft(event, outcome, at: time)
        draft.client = caller.json
        draft.actor = holder.actor
        draft.detail = detail(more)
        return draft
    }
}

extension WayIn {
    /// How it came about, as traces say it.
    var members: [String: JSON] {
        switch origin {
        case .holder(_, let serial): ["origin": "holder", "card_serial": .string(serial)]
        case .referent(_, .awaited): ["origin": "referent", "confirmation": "awaited", "initial_until": JSON(initialUntil?.description)]
        case .referent(_, .solo): ["origin": "referent", "confirmation": "solo", "initial_until": JSON(initialUntil?.description)]
        case .referent(let maker, .by): ["origin": "referent", "made_by": maker.json]
        }
    }
}

extension WayIn.Maker {
    /// The person at work in a session.
    init(_ session: Session) {
        self.init(person: session.holder.nationalID, name: session.holder.displayName, session: session.id)
    }
}
