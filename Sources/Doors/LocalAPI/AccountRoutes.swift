internal import APIContract
internal import Accounts
internal import Audit
internal import Hummingbird
internal import Primitives
internal import Sessions

/// Accounts, made and kept by référents.
extension LocalAPI {
    private static let longestPage = 200

    func addAccountRoutes(to group: RouterGroup<CallContext>) {
        group.get("accounts") { request, context in
            let caller = try context.caller()
            let limit = request.uri.queryParameters.get("limit").map { Int($0) ?? 0 } ?? Self.longestPage
            guard (1...Self.longestPage).contains(limit) else { throw RequestFields.invalid("limit is not 1 to \(Self.longestPage)") }
            let after = request.uri.queryParameters.get("after")
            return Answer.json(
                try await managing(caller) { () async throws(Refusal) in
                    try await accounts.list(after: after.map { String($0) }, limit: limit, for: caller)
                })
        }
        group.get("accounts/:id") { _, context in
            let (caller, id) = (try context.caller(), try context.parameter("id"))
            return Answer.json(try await managing(caller) { () async throws(Refusal) in try await accounts.show(id, for: caller) })
        }
        group.post("accounts") { request, context in
            let caller = try context.caller()
            try await spend(.login, .accountRefused, caller)
            var fields = try await RequestFields(request)
            let session = try Self.needed("session", &fields)
            let (identifier, family) = (try Self.needed("national_id", &fields), try Self.needed("family_name", &fields))
            let given = try Self.needed("given_name", &fields)
            let (profession, structure) = (try fields.string("profession"), try fields.string("structure_id"))
            try fields.finish()
            let json = try await managing(caller) { () async throws(Refusal) in
                let new = try NewAccount(
                    identifier: identifier, familyName: family, givenName: given, profession: profession, structure: structure)
                return try await accounts.add(new, session: session, by: caller)
            }
            var response = Answer.json(json, status: .created)
            response.headers[.location] = "\(API.prefix)/accounts/\(json["id"]?.string ?? "")"
            return response
        }
        group.post("accounts/:id/resets") { request, context in
            try await manage(request, context) { id, session, caller throws(Refusal) in
                try await accounts.reset(id, session: session, by: caller)
            }
        }
        group.post("accounts/:id/confirmations") { request, context in
            try await manage(request, context) { id, session, caller throws(Refusal) in
                try await accounts.confirm(id, session: session, by: caller)
            }
        }
        group.post("accounts/:id/unlocks") { request, context in
            try await manage(request, context) { id, session, caller throws(Refusal) in
                try await accounts.unlock(id, session: session, by: caller)
            }
        }
        group.put("accounts/:id/disabled") { request, context in
            try await manage(request, context) { id, session, caller throws(Refusal) in
                try await accounts.setDisabled(true, id, session: session, by: caller)
            }
        }
        group.put("accounts/:id/enabled") { request, context in
            try await manage(request, context) { id, session, caller throws(Refusal) in
                try await accounts.setDisabled(false, id, session: session, by: caller)
            }
        }
        group.post("degraded/unlocks") { request, context in
            let caller = try context.caller()
            try await spend(.login, .accountRefused, caller)
            var fields = try await RequestFields(request)
            let session = try Self.needed("session", &fields)
            guard let source = try fields.uid("uid") else { throw RequestFields.invalid("uid is missing") }
            try fields.finish()
            try await managing(caller) { () async throws(Refusal) in try await accounts.unlock(source: source, session: session, by: caller)
            }
            return Answer.nothing
        }
    }

    /// What somebody does to one account in a session of theirs.
    private func manage(
        _ request: Request, _ context: CallContext, _ body: (String, String, Caller) async throws(Refusal) -> JSON
    ) async throws -> Response {
        let (caller, id) = (try context.caller(), try context.parameter("id"))
        try await spend(.login, .accountRefused, caller)
        var fields = try await RequestFields(request)
        let session = try Self.needed("session", &fields)
        try fields.finish()
        return Answer.json(try await managing(caller) { () async throws(Refusal) in try await body(id, session, caller) })
    }

    /// A refusal is traced.
    private func managing<Value>(_ caller: Caller, _ body: () async throws(Refusal) -> Value) async throws(Refusal) -> Value {
        do throws(Refusal) { return try await body() } catch { throw try await traced(error, .accountRefused, caller) }
    }

    static func needed(_ name: String, _ fields: inout RequestFields) throws(Refusal) -> String {
        guard let text = try fields.string(name) else { throw RequestFields.invalid("\(name) is missing") }
        return text
    }
}
