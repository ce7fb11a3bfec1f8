package import Audit
internal import Habilitation
internal import Identity
package import Primitives
package import Tokens

extension SessionRegistry {
    /// Issues a token of a session. Every refusal is traced.
    ///
    /// - Parameters:
    ///   - traces, effects: what is written in the same commit.
    package func issueToken(
        _ request: TokenRequest, session id: String, by caller: Caller, traces: [TraceDraft] = [], effects: [Effect] = []
    ) async throws(Refusal) -> IssuedToken {
        let now = time.now()
        let session: Session
        let (record, rules): (TokenRecord, [Rule])
        let version = rightsVersion
        do throws(Refusal) {
            try caller.client.check(.token)
            session = try usable(id, for: caller)
            (record, rules) = try plan(
                request, for: session, by: caller, at: now, within: secondsLeft(id),
                under: emergency(in: id, client: caller.client.name))
        } catch {
            let refusal = await explained(error, id, for: caller)
            var draft = refusalTrace(.tokenRefused, refusal, id, at: now, by: caller)
            let asked = ["audience": JSON.string(request.audience.cut(toBytes: TokenRequest.longestAudience))]
            draft.detail = .object(asked.merging(refusal.members) { own, _ in own })
            try await refusals.write(draft)
            throw refusal
        }
        let urgency = record.emergency.map { _ in Urgency.emergency(person: session.holder.nationalID.text) } ?? .ordinary
        let sequence = try await commit(
            [tokenTrace(record, rules, session, at: now, by: caller)] + traces, [.tokenIssued(record)] + effects, as: urgency)
        do throws(Refusal) {
            _ = try usable(session.id, for: caller)
            return try hand(record, request, session, sequence, at: now, by: caller, since: version)
        } catch {
            await takeBack(record, session, error, by: caller)
            throw error
        }
    }

    /// Whether a token is good now, and what it says (RFC 7662 §2.2). Whoever may not ask hears only that it is not active.
    ///
    /// A token of ours is good for as long as it was given, by the clock since boot, wherever somebody sets the wall clock meanwhile.
    package func introspect(_ token: String, by caller: Caller) async -> AccessTokenClaims? {
        guard let claims = try? signer.authentic(token), let entry = live[claims.sid],
            entry.session.state == .active, let token = entry.tokens[claims.jti], token.deadline > time.sinceBoot(),
            secondsLeft(claims.sid) > 0, !hasSlept(claims.sid), !isIdle(claims.sid),
            isOwner(caller, entry.session) || caller.client.serves(claims.aud)
        else { return nil }
        return claims
    }

    /// Makes a token dead (RFC 7009 §2). A token that is unknown, over, or another user's is no error.
    ///
    /// It is dead also when this throws ``ErrorCode/traceUnavailable``; the trace then follows.
    package func revoke(_ token: String, by caller: Caller) async throws(Refusal) {
        guard let claims = try? signer.authentic(token), let session = live[claims.sid]?.session,
            isOwner(caller, session) || caller.client.serves(claims.aud),
            let token = live[claims.sid]?.tokens.removeValue(forKey: claims.jti)
        else { return }
        let draft = session.revoking(token.record, at: time.now(), by: caller)
        let isWritten = await record([draft], [.tokensRevoked([claims.jti])], as: .ending)
        hub.publish(.tokenRevoked(claims.jti, of: session))
        if !isWritten { throw Refusal(.traceUnavailable) }
    }

    /// Decides about a request: which scopes, by which rules, how long.
    ///
    /// - Parameters:
    ///   - within: seconds of life that the session has left, at least one.
    ///   - emergency: the one that the program has declared in the session, and the seconds that it has left, at least one.
    func plan(
        _ request: TokenRequest, for session: Session, by caller: Caller, at now: Timestamp, within left: Int64,
        under emergency: (value: Emergency, left: Int64)?
    ) throws(Refusal) -> (TokenRecord, [Rule]) {
        try caller.client.check(request)
        let (asked, rules): ([Scope], [Rule])
        switch rights(of: session, client: caller.client.name, isBreakGlass: emergency != nil).decide(request.scopes) {
        case .granted(let scopes, let deciding): (asked, rules) = (caller.client.narrowed(scopes), deciding)
        case .refused(let scope, let deciding): throw .scopeDenied(scope, deciding)
        }
        let life = min(
            left, emergency?.left ?? left, settings.lifetime.granted(requested: request.ttl, isBound: request.keyThumbprint != nil))
        let record = TokenRecord(
            id: random.opaqueID(), session: session.id, audience: request.audience, scopes: asked.map(\.text),
            expiresAt: Timestamp(seconds: now.seconds + life), emergency: emergency?.value.mark)
        return (record, rules)
    }

    func tokenTrace(_ record: TokenRecord, _ rules: [Rule], _ session: Session, at now: Timestamp, by caller: Caller) -> TraceDraft {
        var draft = session.trace(.tokenIssued, .granted, at: now, by: caller)
        draft.detail = [
            "jti": .string(record.id), "audience": .string(record.audience), "scope": .string(record.scopes.joined(separator: " ")),
            "expires_at": .string(record.expiresAt.description), "rules": .array(rules.map(\.json)),
        ]
        return draft
    }

    /// Signs what was decided and traced, and hands it out if the session may still be used, and still for that.
    ///
    /// - Parameter version: of the rights when it was decided.
    func hand(
        _ record: TokenRecord, _ request: TokenRequest, _ session: Session, _ sequence: UInt64, at now: Timestamp, by caller: Caller,
        since version: Int
    ) throws(Refusal) -> IssuedToken {
        let current = try usable(session.id)
        guard current.profile == session.profile else { throw Refusal(.profileChanged) }
        let session = current
        if let mark = record.emergency, emergency(in: session.id, client: caller.client.name)?.value.id != mark.id {
            throw Refusal(.breakGlassEnded, ["break_glass": .string(mark.id)])
        }
        let rights = rights(of: session, client: caller.client.name, isBreakGlass: record.emergency != nil)
        if version != rightsVersion, case .refused(let scope, let rules) = rights.decide(record) {
            throw .scopeDenied(scope, rules)
        }
        // Whatever the caller was held to be when the request came.
        guard settings.clients.allow(record, to: caller.client.name) else {
            throw Refusal(.operationDenied, ["operation": .string(ClientOperation.token.rawValue), "client": .string(caller.client.name)])
        }
        let claims = session.claims(
            for: record, trace: sequence, caller: caller, issuedAt: now, keyThumbprint: request.keyThumbprint, settings: settings)
        let token: String
        do {
            token = try signer.sign(claims)
        } catch {
            report("token could not be signed: \(error)")
            throw Refusal(.internalError)
        }
        let life = record.expiresAt.seconds - now.seconds
        live[session.id]?.tokens[record.id] = LiveToken(
            record: record, deadline: time.sinceBoot() + .seconds(life), client: caller.client.name)
        live[session.id]?.audiences?.insert(record.audience)
        return IssuedToken(accessToken: token, expiresIn: life, scopes: record.scopes, isBound: request.keyThumbprint != nil)
    }

    /// A token that the log has granted and that nobody will ever hold.
    func takeBack(_ record: TokenRecord, _ session: Session, _ refusal: Refusal, by caller: Caller) async {
        var draft = session.trace(.tokenRefused, .failed, at: time.now(), by: caller, code: refusal.code)
        draft.detail = ["jti": .string(record.id), "audience": .string(record.audience)]
        await self.record([draft], [.tokensRevoked([record.id])], as: .ending)
    }

    /// The trace of a request on a session that is refused.
    func refusalTrace(_ event: TraceEvent, _ refusal: Refusal, _ id: String, at now: Timestamp, by caller: Caller) -> TraceDraft {
        var draft: TraceDraft
        do throws(Refusal) {
            draft = try session(id, for: caller).trace(event, .refused, at: now, by: caller, code: refusal.code)
        } catch {
            // Nothing is told of a session that the caller may not see, but which one was meant.
            draft = TraceDraft(event, .refused, at: now)
            draft.client = caller.json
            draft.code = refusal.code.rawValue
            draft.session = id.cut(toBytes: 64)
        }
        return draft
    }
}

extension Rights {
    /// Whether the scopes of a token are granted.
    func decide(_ token: TokenRecord) -> Decision {
        let scopes = token.scopes.compactMap { Scope($0) }
        return scopes.isEmpty ? .granted([], rules: []) : decide(scopes)
    }
}
