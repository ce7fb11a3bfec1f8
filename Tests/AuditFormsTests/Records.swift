import Audit
import AuditForms
import Primitives
import Testing

/// A trace as it is read back.
func record(
    _ event: TraceEvent, _ outcome: TraceOutcome = .granted, _ set: (inout TraceDraft) -> Void = { _ in }
) throws -> TraceRecord {
    var draft = TraceDraft(event, outcome, at: try #require(Timestamp("2026-03-01T08:00:00.500Z")))
    set(&draft)
    return try #require(TraceRecord(leaf: draft.leaf(seq: 7, salt: [UInt8](repeating: 1, count: 16), workstation: "ws-042")))
}

/// A trace of an event that this version does not write yet.
func record(named event: String, mode: String? = nil, detail: String = "{}") throws -> TraceRecord {
    let mode = mode.map { #""mode":"\#($0)","# } ?? ""
    let leaf =
        #"{"actor":{"national_id":"80","name":"MAX"},"detail":\#(detail),"event":"\#(event)",\#(mode)"outcome":"granted","salt":"AA","#
        + #""seq":7,"time":"2026-03-01T08:00:00.500Z","v":1,"workstation":"ws-042"}"#
    return try #require(TraceRecord(leaf: Array(leaf.utf8)))
}

func login(_ draft: inout TraceDraft) {
    draft.actor = ["national_id": "899900063480", "name": "MAX LIBRE", "profession": "10"]
    draft.client = ["name": "records", "uid": 1000, "gid": 1000, "pid": 12]
    draft.session = "s-1"
    draft.mode = "card"
    draft.card = ["serial": "80250000000001"]
}
