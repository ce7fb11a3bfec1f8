internal import Audit
internal import Hummingbird
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addAuditRetentionRoutes(to group: RouterGroup<CallContext>) {
        group.post("audit/retentions") { request, context in
            let caller = try context.caller()
            var fields = try await RequestFields(request)
            guard let text = try fields.string("before"), let before = Timestamp(text) else {
                throw RequestFields.invalid("before is not a time (RFC 3339, UTC)")
            }
            guard let session = try fields.string("session") else { throw RequestFields.invalid("session is missing") }
            try fields.finish()
            let asked = try await retaining(caller) { () async throws(Refusal) in
                try await retention.ask(before: before, session: session, by: caller)
            }
            return Answer.json(asked, status: .created)
        }
        group.put("audit/retentions/:id/agreement") { request, context in
            let caller = try context.caller()
            let id = try context.parameter("id")
            var fields = try await RequestFields(request)
            guard let session = try fields.string("session") else { throw RequestFields.invalid("session is missing") }
            try fields.finish()
            return Answer.json(
                try await retaining(caller) { () async throws(Refusal) in try await retention.agree(id, session: session, by: caller) })
        }
    }

    /// What programs with `audit` may ask for; a refusal is traced.
    private func retaining(_ caller: Caller, _ body: () async throws(Refusal) -> JSON) async throws(Refusal) -> JSON {
        do throws(Refusal) {
            try caller.client.check(.audit)
            return try await body()
        } catch {
            throw try await traced(error, .auditRefused, caller)
        }
    }
}
