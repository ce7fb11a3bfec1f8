internal import Audit
internal import Habilitation
package import Primitives

extension SessionRegistry {
    /// Ids of the sessions that are not over.
    package var liveIDs: Set<String> { Set(live.keys) }

    /// Gives a live session what was found out about its certificate since: tokens with a scope that is no longer granted, or with
    /// another authentication context, are inactive when this begins; the change is traced when it returns. Without a change nothing
    /// happens.
    package func reassess(_ id: String, revocation: Session.Revocation, acr: String) async {
        guard let entry = live[id], entry.session.revocation != revocation else { return }
        let old = entry.session
        var session = old
        session.revocation = revocation
        session.acr = acr
        session.scopes = scopes(of: session)
        let granted = Set(session.scopes.map(\.text))
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

extension Session.Revocation {
    /// What was checked, from which source, and how old it was.
    package var json: JSON {
        ["status": .string(status.rawValue), "source": JSON(source), "as_of": JSON(asOf?.description)]
    }
}
