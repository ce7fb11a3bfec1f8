internal import Audit
package import Primitives
package import Sessions
internal import Tokens

extension MobileDesk {
    /// Gives the first tokens of a device, or the next (RFC 6749 §5). Every refusal but the waiting of a device is traced.
    package func tokens(for grant: MobileGrant, _ request: MobileRequest) async throws(MobileRefusal) -> MobileTokens {
        try await admit(request)
        switch grant {
        case .preAuthorized(let code, let digits): return try await redeem(code, digits: digits, request)
        case .refresh(let token): return try await refresh(token, request)
        case .device(let code): return try await collect(code, request)
        }
    }

    /// Whether a token is good now (RFC 7662 §2.2). Whoever may not ask hears only that it is not active.
    package func introspect(_ token: String, by server: Client, at address: String) async throws(MobileRefusal) -> JSON {
        // A good token must not look dead because a server asks too often.
        guard budgets.take(server: server.name) else { throw await refused(Self.tooMany, server.name, at: address) }
        let caller = Caller(Caller.Remote(address: address, device: nil), client: server)
        guard let claims = await registry.introspect(token, by: caller) else { return ["active": false] }
        return claims.introspection
    }

    /// Makes a token dead (RFC 7009 §2): an access token alone, a refresh token with its session. What is unknown is no error.
    package func revoke(_ token: String, by caller: Client, at address: String) async throws(MobileRefusal) {
        guard budgets.take(server: caller.name) else { throw await refused(Self.tooMany, caller.name, at: address) }
        if let refresh = RefreshToken(token, key) {
            guard let family = families[refresh.session], family.client == caller.name else { return }
            let remote = Caller(Caller.Remote(address: address, device: family.device), client: caller)
            await registry.end([family.session], .logout, by: remote)
            return
        }
        let claims = try? signer.authentic(token)
        let device = claims.flatMap { families[$0.sid] }.flatMap { $0.client == caller.name ? $0.device : nil }
        let remote = Caller(Caller.Remote(address: address, device: device), client: caller)
        do throws(Refusal) { try await registry.revoke(token, by: remote) } catch { throw MobileRefusal(error) }
    }

    /// Traces what the door itself has refused.
    ///
    /// - Parameter what: of the request, in a few words of the door.
    package func refused(_ refusal: MobileRefusal, client: String?, address: String, what: String) async {
        _ = await refused(refusal, client, at: address, ["what": .string(what.cut(toBytes: 128))])
    }

    /// Whether a request is looked at at all.
    func admit(_ request: MobileRequest) async throws(MobileRefusal) {
        guard rules.isEnabled else { throw MobileRefusal(.temporarilyUnavailable) }
        guard budgets.take(request) else { throw await refused(Self.tooMany, request) }
        guard Base64URL.decode(request.thumbprint)?.count == 32 else { throw await refused(MobileRefusal(.invalidProof), request) }
    }

    static let tooMany = MobileRefusal(.temporarilyUnavailable, "too many requests", retryAfter: 1)
}
