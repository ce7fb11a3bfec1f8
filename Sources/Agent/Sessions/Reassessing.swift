internal import Audit
internal import Habilitation
package import Primitives

extension SessionRegistry {
    /// Ids of the sessions that are not over.
    package var liveIDs: Set<String> { Set(live.keys) }

    /// Gives a live session what was found out about its certificate since: tokens with a scope that is no longer granted, or with
    /// another authentication context, are inactive when this begins; the change is traced when it returns. Without a change nothing
    /// happens.
    package func reassess(_ id: String, revocation: Session.Revocation) async {
        guard let old = live[id]?.session, let known = old.revocation, known != revocation else { return }
        rightsVersion += 1
        await tell([change(old, revocation: revocation)].compactMap { $0 })
    }

    /// Gives every live session the rights of the matrix, and every program those of the configuration, that are in force now: what is
    /// no longer granted is inactive, in all of them, when this begins; what changed is traced when it returns.
    ///
    /// - Parameter isOther: of a name, whether other programs than before may go by it: what was given to it does not go on.
    package func reassessRights(whereClient isOther: @Sendable (String) -> Bool = { _ in false }) async {
        rightsVersion += 1
        await tell(allSessions.compactMap { change($0, revocation: $0.revocation, isOther) })
    }

    private struct Change {
        let old: Session
        let session: Session
        let rights: Rights
        /// Ids of tokens.
        let dead: [String]
    }

    /// Makes the change; `nil` where there is none.
    private func change(
        _ old: Session, revocation: Session.Revocation?, _ isOther: (String) -> Bool = { _ in false }
    ) -> Change? {
        guard let entry = live[old.id] else { return nil }
        var session = old.with(revocation)
        session.acr = session.rights.acr(issuer: settings.issuer)
        let rights = rights(of: session, client: entry.client)
        session.scopes = rights.scopes
        var (granted, widened) = ([entry.client: rights], [String: Rights]())
        let dead = entry.tokens.values.filter { token in
            guard old.acr == session.acr, !isOther(token.client), settings.clients.allow(token.record, to: token.client) else {
                return true
            }
            let rights: Rights
            if token.record.emergency != nil {
                rights = widened[token.client] ?? self.rights(of: session, client: token.client, isBreakGlass: true)
                widened[token.client] = rights
            } else {
                rights = granted[token.client] ?? self.rights(of: session, client: token.client)
                granted[token.client] = rights
            }
            if case .refused = rights.decide(token.record) { return true }
            return false
        }.map(\.record.id).sorted()
        guard session != old || !dead.isEmpty else { return nil }
        live[old.id]?.session = session
        for token in dead { live[old.id]?.tokens[token] = nil }
        return Change(old: old, session: session, rights: rights, dead: dead)
    }

    /// Writes changes, then tells listeners.
    private func tell(_ changes: [Change]) async {
        guard !changes.isEmpty else { return }
        let now = time.now()
        let drafts = changes.map { change in
            var draft = change.session.trace(.sessionReassessed, .info, at: now)
            draft.detail = .object(
                [
                    "revocation": change.session.revocation?.json ?? .null,
                    "before": change.old.revocation?.json ?? .null,
                    "scopes_before": .array(change.old.scopes.map { .string($0.text) }),
                    "tokens_revoked": .int(Int64(change.dead.count)),
                    "tokens": .array(change.dead.prefix(Self.tokensNamed).map(JSON.string)),
                ].merging(change.rights.members) { own, _ in own })
            return draft
        }
        let dead = changes.flatMap(\.dead)
        await record(drafts, changes.map { .session($0.session) } + (dead.isEmpty ? [] : [.tokensRevoked(dead)]))
        for change in changes {
            // It may have ended while that was being written.
            if let session = live[change.session.id]?.session { hub.publish(Event(.session, session.json, uid: session.uid)) }
            for token in change.dead { hub.publish(.tokenRevoked(token, of: change.session)) }
        }
    }

    /// Ids of tokens in one trace; the count says how many there were.
    private static let tokensNamed = 64
}

extension Rights {
    /// What is granted and by which rules, as traces have it.
    var members: [String: JSON] {
        ["scopes": .array(scopes.map { .string($0.text) }), "rules": .array(granting(scopes).map(\.json))]
    }
}

extension Session.Revocation {
    /// What was checked, from which source, and how old it was.
    package var json: JSON {
        ["status": .string(status.rawValue), "source": JSON(source), "as_of": JSON(asOf?.description)]
    }
}
