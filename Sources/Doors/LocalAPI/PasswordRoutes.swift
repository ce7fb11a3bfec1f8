internal import APIContract
internal import Accounts
internal import Audit
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Sessions

/// Passwords that their owners set: with the card there, or by the password before.
extension LocalAPI {
    func addPasswordRoutes(to group: RouterGroup<CallContext>) {
        group.post("degraded/enrolments") { request, context in
            try await begin("session", "enrolments", request, context) { session, caller throws(Refusal) in
                try await accounts.beginEnrolment(session: session, by: caller)
            }
        }
        group.put("degraded/enrolments/:id/password") { request, context in
            let caller = try context.caller()
            try await spend(.pin, .accountRefused, caller)
            let secret = try await Self.secret(request)
            return Answer.json(try await accounts.setPassword(secret, of: try context.parameter("id"), by: caller))
        }
        group.post("degraded/password-changes") { request, context in
            try await begin("identifier", "password-changes", request, context) { identifier, caller throws(Refusal) in
                try await accounts.beginChange(identifier, by: caller)
            }
        }
        group.put("degraded/password-changes/:id/current-password") { request, context in
            try await give(asCurrent: true, request, context)
        }
        group.put("degraded/password-changes/:id/new-password") { request, context in
            try await give(asCurrent: false, request, context)
        }
        group.get("degraded/enrolments/:id") { _, context in
            Answer.json(try await accounts.entry(try context.parameter("id"), .enrolment, for: try context.caller()))
        }
        group.get("degraded/password-changes/:id") { _, context in
            Answer.json(try await accounts.entry(try context.parameter("id"), .change, for: try context.caller()))
        }
        group.delete("degraded/enrolments/:id") { _, context in
            try await accounts.cancel(try context.parameter("id"), .enrolment, by: try context.caller())
            return Answer.nothing
        }
        group.delete("degraded/password-changes/:id") { _, context in
            try await accounts.cancel(try context.parameter("id"), .change, by: try context.caller())
            return Answer.nothing
        }
    }

    private func give(asCurrent isCurrent: Bool, _ request: Request, _ context: CallContext) async throws -> Response {
        let caller = try context.caller()
        try await spend(.pin, .accountRefused, caller)
        let secret = try await Self.secret(request)
        return Answer.json(try await accounts.give(secret, asCurrent: isCurrent, of: try context.parameter("id"), by: caller))
    }

    private func begin(
        _ member: String, _ route: String, _ request: Request, _ context: CallContext,
        _ body: (String, Caller) async throws(Refusal) -> JSON
    ) async throws -> Response {
        let caller = try context.caller()
        try await spend(.login, .accountRefused, caller)
        var fields = try await RequestFields(request)
        let value = try Self.needed(member, &fields)
        try fields.finish()
        let json = try await body(value, caller)
        var response = Answer.json(json, status: .created)
        response.headers[.location] = "\(API.prefix)/degraded/\(route)/\(json["id"]?.string ?? "")"
        return response
    }
}
