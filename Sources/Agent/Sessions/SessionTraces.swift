package import Audit
internal import Identity
package import Primitives

extension Session {
    /// A trace about this session, with everything it is known by.
    package func trace(
        _ event: TraceEvent, _ outcome: TraceOutcome, at time: Timestamp, by caller: Caller? = nil, code: ErrorCode? = nil
    ) -> TraceDraft {
        var draft = TraceDraft(event, outcome, at: time)
        draft.session = id
        draft.mode = mode.rawValue
        draft.actor = actor
        draft.client = caller?.json
        draft.code = code?.rawValue
        draft.reader = presence?.place.json
        draft.card = card?.json
        if let mobile { draft.detail = ["device": .string(mobile.device)] }
        draft.emergency = caller.flatMap { mark(for: $0.client.name) }
        return draft
    }

    /// The trace of a token that is ended before its time.
    func revoking(_ token: TokenRecord, at time: Timestamp, by caller: Caller) -> TraceDraft {
        var draft = trace(.tokenRevoked, .granted, at: time, by: caller)
        draft.detail = ["jti": .string(token.id), "audience": .string(token.audience)]
        draft.emergency = token.emergency
        return draft
    }

    /// The person in a trace, with the situation they work in once there is one and the supervisor they named.
    private var actor: JSON {
        guard case .object(var members) = holder.actor else { return holder.actor }
        members["profile"] = profile.map { .string($0.id) }
        members["structure_id"] = (profile?.structure).map { .string($0.text) }
        members["supervisor"] = supervisor.map { .string($0.text) }
        return .object(members)
    }
}

extension Session.Place {
    fileprivate var json: JSON {
        ["name": .string(reader), "kind": .string(readerKind), "insertion": .string(insertion)]
    }
}
