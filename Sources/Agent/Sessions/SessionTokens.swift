internal import Audit
internal import Habilitation
package import Primitives
package import Tokens

extension SessionRegistry {
    /// Issues a token of a session.
    package func issueToken(_ request: TokenRequest, session id: String, by caller: Caller) async throws(Refusal) -> IssuedToken {
        let session = try usable(id, for: caller)
        let now = time.now()
        let record: TokenRecord
        do throws(Refusal) {
            record = try plan(request, for: session, at: now)
        } catch {
            var draft = session.trace(.tokenRefused, .refused, at: now, by: caller, code: error.code)
            draft.detail = .object(["audience": .string(request.audience)].merging(error.members) { first, _ in first })
            _ = try await commit([draft], [])
            throw error
        }
        let sequence = try await commit([tokenTrace(record, session, at: now, by: caller)], [.tokenIssued(record)])
        return try await hand(record, request, session, sequence, at: now, by: caller)
    }

    /// Whether a token is good now, and what it says (RFC 7662 §2.2). Whoever may not ask hears only that it is not active.
    package func introspect(_ token: String, by caller: Caller) async -> AccessTokenClaims? {
        guard let claims = try? signer.verify(token, now: time.now()), let entry = live[claims.sid],
            entry.session.state == .active, let record = entry.tokens[claims.jti], record.expiresAt > time.now(),
            entry.session.uid == caller.uid || caller.uid == 0
        else { return nil }
        return claims
    }

    /// Makes a token dead (RFC 7009 §2). A token that is unknown, over, or another user's is no error.
    package func revoke(_ token: String, by caller: Caller) async throws(Refusal) {
        guard let claims = try? signer.verify(token, now: time.now()), let session = live[claims.sid]?.session,
            session.uid == caller.uid || caller.uid == 0, live[claims.sid]?.tokens.removeValue(forKey: claims.jti) != nil
        else { return }
        var draft = session.trace(.tokenRevoked, .granted, at: time.now(), by: caller)
        draft.detail = ["jti": .string(claims.jti), "audience": .string(claims.aud)]
        _ = try await commit([draft], [.tokensRevoked([claims.jti])])
        hub.publish(Event(.tokenRevoked, ["jti": .string(claims.jti), "session": .string(session.id)], uid: session.uid))
    }

    /// Decides about a request: which scopes, how long.
    func plan(_ request: TokenRequest, for session: Session, at now: Timestamp) throws(Refusal) -> TokenRecord {
        guard !request.audience.isEmpty, request.audience.utf8.count <= 512 else { throw Refusal(.audienceRequired) }
        let asked: [Scope]
        switch settings.habilitation.decide(requested: request.scopes, holder: session.holder, mode: session.rights) {
        case .granted(let scopes, _): asked = scopes
        case .refused(let scope, let rule):
            throw Refusal(.scopeDenied, ["scope": .string(scope.text), "rule": .string(rule.rawValue)])
        }
        let life = settings.lifetime.granted(requested: request.ttl, isBound: request.keyThumbprint != nil)
        let end = min(now.seconds + life, session.expiresAt.seconds)
        return TokenRecord(
            id: random.opaqueID(), session: session.id, audience: request.audience, scopes: asked.map(\.text),
            expiresAt: Timestamp(seconds: end))
    }

    func tokenTrace(_ record: TokenRecord, _ session: Session, at now: Timestamp, by caller: Caller) -> TraceDraft {
        var draft = session.trace(.tokenIssued, .granted, at: now, by: caller)
        draft.detail = [
            "jti": .string(record.id), "audience": .string(record.audience), "scope": .string(record.scopes.joined(separator: " ")),
            "expires_at": .string(record.expiresAt.description),
        ]
        return draft
    }

    /// Signs what was decided and traced, and hands it out if the session still lives.
    func hand(
        _ record: TokenRecord, _ request: TokenRequest, _ session: Session, _ sequence: UInt64, at now: Timestamp, by caller: Caller
    ) async throws(Refusal) -> IssuedToken {
        let claims = session.claims(
            for: record, trace: sequence, caller: caller, issuedAt: now, keyThumbprint: request.keyThumbprint, settings: settings)
        let token: String
        do {
            token = try signer.sign(claims)
        } catch {
            report("token could not be signed: \(error)")
            throw Refusal(.internalError)
        }
        guard live[session.id]?.session.state == .active else { throw Refusal(.sessionEnded) }
        live[session.id]?.tokens[record.id] = record
        return IssuedToken(
            accessToken: token, expiresIn: record.expiresAt.seconds - now.seconds,
            scopes: record.scopes, isBound: request.keyThumbprint != nil)
    }
}
