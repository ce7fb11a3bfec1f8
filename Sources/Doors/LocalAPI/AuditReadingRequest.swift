internal import Audit
internal import Hummingbird
internal import Primitives

/// Which traces a request asks for, and in which form the caller means to hand them on.
struct AuditReadingRequest {
    var query: TraceQuery
    /// Where the traces are for an export: its form, for the trace of it.
    let form: String?

    private static let known: Set<Substring> = [
        "from", "limit", "order", "since", "until", "event", "outcome", "person", "card", "session", "workstation", "patient", "form",
        "dropped",
    ]
    private static let usualLimit: UInt64 = 100
    private static let mostLimit: UInt64 = 1000
    private static let longestText = 512
    private static let forms = ["csv", "fhir", "atna"]

    /// - Throws: also for a parameter that there is not: a filter that is misspelt must not give everything.
    init(_ parameters: Parameters) throws(Refusal) {
        var seen: Set<Substring> = []
        for (name, _) in parameters {
            guard Self.known.contains(name) else { throw RequestFields.invalid("\(name.prefix(64)) is not a parameter of this request") }
            guard seen.insert(name).inserted else { throw RequestFields.invalid("\(name) is there twice") }
        }
        func text(_ name: Substring) throws(Refusal) -> String? {
            guard let value = parameters[name] else { return nil }
            guard (1...Self.longestText).contains(value.utf8.count) else {
                throw RequestFields.invalid("\(name) is not a text of 1 to \(Self.longestText) bytes")
            }
            return String(value)
        }
        func value<Value>(_ name: Substring, _ expected: String, _ read: (String) -> Value?) throws(Refusal) -> Value? {
            guard let text = try text(name) else { return nil }
            guard let value = read(text) else { throw RequestFields.invalid("\(name) is not \(expected)") }
            return value
        }
        let limit = try LocalAPI.number(parameters.get("limit"), "limit") ?? Self.usualLimit
        query = TraceQuery(limit: Int(min(limit, Self.mostLimit)))
        query.from = try LocalAPI.number(parameters.get("from"), "from")
        query.order = try value("order", "oldest or newest") { TraceQuery.Order(rawValue: $0) } ?? .oldest
        query.since = try value("since", "a time (RFC 3339, UTC)") { Timestamp($0) }
        query.until = try value("until", "a time (RFC 3339, UTC)") { Timestamp($0) }
        query.event = try value("event", "an event or a family of events", TraceQuery.Event.init)
        query.outcome = try value("outcome", "an outcome") { TraceOutcome(rawValue: $0) }
        query.person = try text("person")
        query.card = try text("card")
        query.session = try text("session")
        query.workstation = try text("workstation")
        query.patient = try text("patient")
        query.includesDropped = try value("dropped", "include") { $0 == "include" ? true : nil } ?? false
        if query.includesDropped {
            let plain: Set<Substring> = ["from", "limit", "dropped"]
            guard seen.isSubset(of: plain) else { throw RequestFields.invalid("dropped goes with from and limit alone") }
        }
        form = try value("form", "csv, fhir or atna") { Self.forms.contains($0) ? $0 : nil }
    }
}
