internal import FoundationEssentials
package import Primitives

extension AccessTokenClaims {
    /// What is told of a token that is good now (RFC 7662 §2.2).
    package var introspection: JSON {
        guard let bytes = try? JSONEncoder().encode(self), case .object(var members)? = try? JSONDecoder().decode(JSON.self, from: bytes)
        else { return ["active": false] }
        members["active"] = true
        members["token_type"] = cnf == nil ? "Bearer" : "DPoP"
        return .object(members)
    }
}
