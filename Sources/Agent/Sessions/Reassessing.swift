internal import Audit
package import Habilitation
package import Primitives

extension SessionRegistry {
    /// Ids of the sessions that are not over.
    package var liveIDs: Set<String> { Set(live.keys) }

    /// Gives a live session what was found out about its certificate since: tokens with a scope that is no longer granted, or with
    /// another authentication context, are inactive when this begins; the change is traced when it returns. Without a change nothing
    /// happens.
    package func reassess(_ id: String, revocation: Session.Revocation, scopes: [Scope], acr: String) async {
        guard let entry = live[id], entry.session.revocation != revocation else { return }
        let old = entry.session
        let session = old.reassessed(revocation: revocation, scopes: scopes, acr: acr)
        let granted = Set(scopes.map(\.text))
        let dead = entry.tokens.values.filter { old.acr != acr || !granted.isSuperset(of: $0.record.scopes) }.map(\.record.id)
        live[id]?.session = session
        for token in dead { live[id]?.tokens[token] = nil }
        var draft = session.trace(.sessionReassessed, .info, at: time.now())
        draft.detail = [
            "revocation": session.revocation.json, "before": old.revocation.json, "tokens_revoked": .int(Int64(dead.count)),
        ]
        await record([draft], [.session(session)] + (dead.isEmpty ? [] : [.tokensRevoked(dead)]))
        hub.publish(Event(.session, session.json, uid: session.uid))
        for token in dead { hub.publish(Event(.tokenRevoked, ["jti": .string(token), "session": .string(id)], uid: session.uid)) }
    }
}

extension Session {
    fileprivate func reassessed(revocation: Revocation, scopes: [Scope], acr: String) -> Session {
        var session = Session(
            id: id, state: state, mode: mode, place: place, uid: uid, resumes: resumes, card: card, holder: holder, scopes: scopes,
            acr: acr, amr: amr, revocation: revocation, openedAt: openedAt, expiresAt: expiresAt)
        session.endedAt = endedAt
        session.endReason = endReason
        return session
    }
}

extension Session.Revocation {
    /// What was checked, from which source, and how old it was.
    package var json: JSON {
        ["status": .string(status.rawValue), "source": JSON(source), "as_of": JSON(asOf?.description)]
    }
}
