internal import Foundation
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
            return Answer.json(try Self.introspection(claims))
        }
        group.post("revoke") { request, context in
            let caller = try context.caller()
            try await registry.revoke(try await RequestForm(request).required("token"), by: caller)
            return Answer.json([:])
        }
    }

    /// The claims, with `active` (RFC 7662 §2.2).
    private static func introspection(_ claims: AccessTokenClaims) throws -> JSON {
        let json = try JSONDecoder().decode(JSON.self, from: try JSONEncoder().encode(claims))
        guard case .object(var members) = json else { return ["active": false] }
        members["active"] = true
        members["token_type"] = claims.cnf == nil ? "Bearer" : "DPoP"
        return .object(members)
    }
}
