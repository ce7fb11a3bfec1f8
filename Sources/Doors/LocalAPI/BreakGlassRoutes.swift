internal import APIContract
internal import Audit
internal import BreakGlass
internal import HTTPTypes
internal import Habilitation
internal import Hummingbird
internal import Identity
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addBreakGlassRoutes(to group: RouterGroup<CallContext>) {
        group.post("break-glass") { request, context in
            let caller = try context.caller()
            try await spend(.emergency, .breakGlassRefused, caller)
            var fields = try await RequestFields(request)
            let session = try Self.needed(try fields.string("session"), "session")
            let wanted = try Self.emergency(&fields)
            let declared = try await registry.declare(wanted, session: session, by: caller)
            let json = declared.emergency.json.with("scopes", .array(declared.scopes.map { .string($0.text) }))
            var response = Answer.json(json, status: declared.isNew ? .created : .ok)
            response.headers[.location] = "\(API.prefix)/break-glass/\(declared.emergency.id)"
            return response
        }
        group.get("break-glass") { request, context in
            let caller = try context.caller()
            let query = try Self.query(request.uri.queryParameters)
            let people: Set<String>? = await oversees(caller) ? nil : await peopleAtWork(for: caller)
            let page = try await reading { () async throws(LedgerFailure) in try await emergencies.list(query, of: people) }
            return Answer.json(["break_glass": .array(page.emergencies), "next": JSON(page.next)])
        }
        group.get("break-glass/:id") { _, context in
            Answer.json(try await shown(try context.parameter("id"), to: try context.caller()))
        }
        group.delete("break-glass/:id") { _, context in
            try await registry.close(try context.parameter("id"), by: try context.caller())
            return Answer.nothing
        }
        group.post("break-glass/:id/extension") { request, context in
            let caller = try context.caller()
            try await spend(.emergency, .breakGlassRefused, caller)
            var fields = try await RequestFields(request)
            let minutes = try fields.integer("minutes")
            try fields.finish()
            return Answer.json(try await registry.extend(try context.parameter("id"), minutes: minutes, by: caller).json)
        }
        group.put("break-glass/:id/note") { request, context in
            let caller = try context.caller()
            try await spend(.emergency, .breakGlassRefused, caller)
            var fields = try await RequestFields(request)
            let note = try Self.needed(try fields.string("note"), "note")
            try fields.finish()
            return Answer.json(try await emergencies.note(note, emergency: try context.parameter("id"), by: caller).json)
        }
        group.get("break-glass/:id/report") { _, context in
            let caller = try context.caller()
            let id = try context.parameter("id")
            let found = try await shown(id, to: caller)
            let isOwn = await peopleAtWork(for: caller).contains(found["person"]?["national_id"]?.string ?? "")
            // Reading about oneself is a plain read; reading about others is a decision.
            if !isOwn { try await noteReading(id, caller) }
            let report = try await reading { () async throws(LedgerFailure) in try await emergencies.report(id, from: audit) }
            guard let report else { throw Refusal(.breakGlassNotFound) }
            return Answer.json(report)
        }
    }

    /// The members that declare an emergency.
    static func emergency(_ fields: inout RequestFields) throws(Refusal) -> EmergencyRequest {
        let reason = try needed(try fields.string("reason"), "reason")
        let patient = try needed(try fields.string("patient"), "patient")
        let (note, minutes) = (try fields.string("note"), try fields.integer("minutes"))
        try fields.finish()
        return try EmergencyRequest(reason: reason, note: note, patient: patient, minutes: minutes)
    }

    /// The same as a member of a login; `nil` where there is none.
    static func emergency(_ fields: RequestFields?) throws(Refusal) -> EmergencyRequest? {
        guard var fields else { return nil }
        return try emergency(&fields)
    }

    static func needed(_ text: String?, _ name: String) throws(Refusal) -> String {
        guard let text else { throw RequestFields.invalid("\(name) is missing") }
        return text
    }

    private static let usualPage = 100
    private static let longestPage: UInt64 = 500

    private static func query(_ parameters: Parameters) throws(Refusal) -> EmergencyQuery {
        let limit = try number(parameters.get("limit"), "limit") ?? UInt64(usualPage)
        guard (1...longestPage).contains(limit) else { throw RequestFields.invalid("limit is not a number from 1 to \(longestPage)") }
        var query = EmergencyQuery(limit: Int(limit))
        if let text = parameters.get("state") {
            guard let state = EmergencyQuery.State(rawValue: text) else { throw RequestFields.invalid("state is not one of the list") }
            query.state = state
        }
        query.person = parameters.get("person")
        query.after = parameters.get("after")
        switch parameters.get("overdue") {
        case nil, "false": break
        case "true": query.isOverdue = true
        default: throw RequestFields.invalid("overdue is not true or false")
        }
        return query
    }

    /// National identifiers of those who are at work in a session of this caller's own.
    private func peopleAtWork(for caller: Caller) async -> Set<String> {
        Set(await registry.sessions(for: caller).filter { $0.uid == caller.uid }.map(\.holder.nationalID.text))
    }

    /// Whether a caller sees the emergencies of everybody: as root, or for somebody at work who reviews or administers.
    private func oversees(_ caller: Caller) async -> Bool {
        if caller.uid == 0 || caller.uid == facts.uid { return true }
        if await registry.duty(.emergencyReview, of: caller) != nil { return true }
        return await registry.duty(.sessionManage, of: caller) != nil
    }

    /// One emergency, for who may see it.
    private func shown(_ id: String, to caller: Caller) async throws(Refusal) -> JSON {
        let found = try await reading { () async throws(LedgerFailure) in try await emergencies.shown(id) }
        guard let found else { throw Refusal(.breakGlassNotFound) }
        if await oversees(caller) { return found }
        guard await peopleAtWork(for: caller).contains(found["person"]?["national_id"]?.string ?? "") else {
            throw Refusal(.breakGlassNotFound)
        }
        return found
    }

    /// The traces of somebody's emergency are read by who reviews, or by root.
    private func noteReading(_ id: String, _ caller: Caller) async throws(Refusal) {
        var draft = TraceDraft(.auditRead, .granted, at: time.now())
        draft.client = caller.json
        var detail: [String: JSON] = ["report": .string(id.cut(toBytes: 128))]
        if caller.uid != 0, caller.uid != facts.uid {
            guard let duty = await registry.duty(.emergencyReview, of: caller) else {
                throw try await traced(Refusal(.forbidden), .auditRefused, caller)
            }
            draft.actor = duty.session.holder.actor
            draft.session = duty.session.id
            detail["rules"] = .array(duty.rules.map(\.json))
        }
        draft.detail = .object(detail)
        let trace = draft
        _ = try await reading { () async throws(LedgerFailure) in try await ledger.commit([trace], []) }
    }
}
