internal import Hummingbird
internal import Primitives
internal import Sessions
internal import Tokens

extension LocalAPI {
    func addTokenRoutes(to group: RouterGroup<CallContext>) {
        group.get("jwks") { _, context in
            _ = try context.caller()
            return Answer.json(signer.jwks())
        }
        group.post("introspect") { request, context in
            let caller = try context.caller()
            let token = try await RequestForm(request).required("token")
            guard let claims = await registry.introspect(token, by: caller) else { return Answer.json(["active": false]) }
            return Answer.json(claims.introspection)
        }
        group.post("revoke") { request, context in
            let caller = try context.caller()
            try await registry.revoke(try await RequestForm(request).required("token"), by: caller)
            return Answer.json([:])
        }
    }
}
