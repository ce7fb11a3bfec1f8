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
        draft.actor = holder.actor
        draft.client = caller?.json
        draft.code = code?.rawValue
        draft.reader = ["name": .string(place.reader), "kind": .string(place.readerKind), "insertion": .string(place.insertion)]
        draft.card = card.json
        return draft
    }
}

extension String {
    /// The beginning of a text from outside, for a trace: a bound on characters would be none, since a character has no longest form.
    package func cut(toBytes count: Int) -> String {
        utf8.count <= count ? self : String(decoding: utf8.prefix(count), as: UTF8.self)
    }
}
