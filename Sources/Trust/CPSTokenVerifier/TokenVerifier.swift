public import FoundationEssentials
internal import JOSE
internal import Primitives

/// Checks access tokens of the agent without asking it: signature, dates, audience, level, scopes, and that whoever sends one holds its
/// key (RFC 9068 §4, RFC 8725, RFC 9449 §7).
///
/// A session that ends is seen here only when its tokens expire, within minutes. Whoever must see it at once introspects (RFC 7662) or
/// polls the revocations (RFC 8936); Docs/Verifying-tokens.md says how.
///
/// ```swift
/// let policy = TokenPolicy(
///     issuer: "https://ws-042.example", audience: "https://records.example", levels: [.card, .mobile], scopes: ["record:read"])
/// let verifier = TokenVerifier(policy)
/// let token = try await verifier.verify(request, keys: keys)
/// ```
public struct TokenVerifier: Sendable {
    public let policy: TokenPolicy
    private let replays: any ReplayStore
    private let nonces: ServerNonces?

    /// How long a ``ReplayStore`` must remember a proof: one that is dated a minute ahead passes for two minutes.
    public static let proofMemory = Duration.seconds(2 * DPoPProof.window + 1)

    /// - Parameters:
    ///   - nonces: asked for in every proof; `nil` for none.
    public init(_ policy: TokenPolicy, replays: any ReplayStore = MemoryReplayStore(), nonces: ServerNonces? = nil) {
        self.policy = policy
        self.replays = replays
        self.nonces = nonces
    }

    /// The token of a request that may be served.
    public func verify(_ request: TokenRequest, keys: TokenKeys, now: Date = Date()) async throws(TokenRejection) -> VerifiedToken {
        let credentials = request.credentials
        do throws(TokenRejection.Reason) {
            guard request.authorization != nil else { throw .missingToken }
            guard let (scheme, text) = credentials else { throw .malformedRequest }
            let claims = try authentic(text, keys, now.wholeSeconds)
            try judge(claims, now.wholeSeconds)
            let proof = try bound(claims, scheme, text, request, now.wholeSeconds)
            try authorize(claims, now.wholeSeconds)
            // Last, so that what is refused for other reasons uses no room.
            if let proof { try await rememberOnce(proof) }
            return claims.token
        } catch {
            throw TokenRejection(
                reason: error, challenge: error.challenge(credentials?.scheme, acceptsBearer: policy.acceptsUnboundTokens),
                nonce: error == .nonceNeeded ? nonces?.current : nil)
        }
    }

    /// The claims, when a published key signed them as an access token.
    private func authentic(_ text: String, _ keys: TokenKeys, _ now: Int64) throws(TokenRejection.Reason) -> VerifiedToken.Claims {
        guard now - keys.fetchedAt.wholeSeconds <= policy.longestKeyAge.components.seconds else { throw .keysTooOld }
        guard let message = try? CompactJWS(text) else { throw .malformedToken }
        guard message.type == "at+jwt" else { throw .wrongType }
        guard let kid = message.kid else { throw .malformedToken }
        let named = keys.set.keys(named: kid)
        guard !named.isEmpty else { throw .unknownKey }
        guard named.contains(where: message.isSigned(by:)) else { throw .badSignature }
        guard let claims = message.claims.flatMap(VerifiedToken.claims) else { throw .malformedToken }
        return claims
    }

    /// From whom, for whom, and when.
    private func judge(_ claims: VerifiedToken.Claims, _ now: Int64) throws(TokenRejection.Reason) {
        let skew = policy.clockSkew.components.seconds
        guard claims.issuer == policy.issuer else { throw .otherIssuer }
        guard claims.audiences.contains(policy.audience) else { throw .otherAudience }
        guard now - skew < claims.expiry else { throw .expired }
        guard claims.notBefore <= now + skew, claims.issued <= now + skew else { throw .notYetValid }
        guard !claims.token.isTest || policy.acceptsTestTokens else { throw .testToken }
    }

    /// The proof that whoever sends the token holds its key; `nil` for a bearer token where those are taken.
    private func bound(
        _ claims: VerifiedToken.Claims, _ scheme: AuthorizationScheme, _ token: String, _ request: TokenRequest, _ now: Int64
    ) throws(TokenRejection.Reason) -> DPoPProof? {
        guard let confirmation = claims.confirmation else {
            guard scheme == .bearer, policy.acceptsUnboundTokens else { throw .unboundToken }
            return nil
        }
        // Any other way of binding (RFC 7800) cannot be checked here, so it must not be passed over.
        guard scheme == .dpop, case .object(let ways) = confirmation, ways.count == 1, let thumbprint = ways["jkt"]?.string else {
            throw .bindingIgnored
        }
        do throws(DPoPRefusal) {
            guard let header = request.proofs.first else { throw .missing }
            guard request.proofs.count == 1 else { throw .several }
            let proof = try DPoPProof.check(
                header, method: request.method, url: request.url, now: Timestamp(seconds: now), accessToken: token,
                nonces: nonces.map { nonces in { nonces.accepts($0) } })
            guard proof.thumbprint == thumbprint else { throw .otherKey }
            return proof
        } catch {
            throw error.code == "use_dpop_nonce" ? .nonceNeeded : .invalidProof(error.text)
        }
    }

    /// Whether the login was strong, recent and well-founded enough, and the scopes are there.
    private func authorize(_ claims: VerifiedToken.Claims, _ now: Int64) throws(TokenRejection.Reason) {
        let skew = policy.clockSkew.components.seconds
        let longest = policy.longestSinceAuthentication?.components.seconds
        guard policy.acrValues.contains(claims.token.acr), longest.map({ now - skew - claims.authTime <= $0 }) ?? true else {
            throw .insufficientAuthentication(acrValues: policy.acrValues, maxAge: longest)
        }
        if let longest = policy.longestSinceRevocationData {
            guard let time = claims.revocationTime, now - skew - time <= longest.components.seconds else {
                throw .staleRevocationData(acrValues: policy.acrValues)
            }
        }
        guard policy.scopes.isSubset(of: claims.token.scopes) else { throw .insufficientScope(policy.scopes.sorted()) }
    }

    private func rememberOnce(_ proof: DPoPProof) async throws(TokenRejection.Reason) {
        let isNew: Bool
        do {
            isNew = try await replays.isNew(proof.identifier)
        } catch {
            throw .replayUnknown
        }
        guard isNew else { throw .invalidProof(DPoPRefusal.replayed.text) }
    }
}

extension Date {
    /// Seconds since 1970, rounded down; dates beyond the years 1 to 9999 are brought to the nearer end.
    fileprivate var wholeSeconds: Int64 {
        let seconds = timeIntervalSince1970
        return seconds.isNaN ? 0 : Int64(min(max(seconds, -62_135_596_800), 253_402_300_799).rounded(.down))
    }
}
