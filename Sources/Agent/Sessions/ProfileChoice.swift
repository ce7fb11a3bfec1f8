package import Audit
internal import Habilitation
package import Identity
package import Primitives

extension SessionRegistry {
    /// Has the session work in one of its holder's situations. The one it is in already changes nothing.
    ///
    /// The choice is traced before it takes effect; the tokens of the situation before are inactive when this returns. Every refusal is
    /// traced.
    package func chooseProfile(_ profile: String, session id: String, by caller: Caller) async throws(Refusal) -> Session {
        await takeTurn()
        defer { passTurn() }
        let now = time.now()
        let before: Session
        var after: Session
        do throws(Refusal) {
            _ = try session(id, for: caller)
            try caller.client.check(.login)
            before = try present(id, for: caller)
            after = before
            after.profile = try before.situations.named(profile)
        } catch {
            throw try await refused(error, id, at: now, by: caller)
        }
        guard after.profile != before.profile else { return before }
        let rights = rights(of: after, client: live[id]?.client ?? Client.fallbackName)
        after.state = .active
        after.scopes = rights.scopes
        let tokens = Set(live[id]?.tokens.keys.map { $0 } ?? [])
        let draft = after.choosing(at: now, by: caller, before: before.profile, tokensRevoked: tokens.count, rights: rights.members)
        _ = try await commit([draft], [.session(after)] + (tokens.isEmpty ? [] : [.tokensRevoked(tokens.sorted())]))
        // It may have been locked, or have ended, while the trace was being written; that is then written after this.
        guard let entry = live[id] else { throw Self.over(try session(id, for: caller).endReason) }
        live[id]?.session.profile = after.profile
        // Decided again: the matrix, or what is known of the card, may have changed meanwhile.
        let granted = live[id].map { self.rights(of: $0.session, client: $0.client).scopes } ?? []
        live[id]?.session.scopes = granted
        if entry.session.state == .profileRequired { live[id]?.session.state = .active }
        live[id]?.tokens = [:]
        let session = live[id]?.session ?? after
        let late = entry.tokens.values.map(\.record).filter { !tokens.contains($0.id) }
        if !late.isEmpty {
            await record(late.map { session.revoking($0, at: now, by: caller) }, [.tokensRevoked(late.map(\.id))])
        }
        hub.publish(Event(.session, session.json, uid: session.uid))
        for token in entry.tokens.keys {
            hub.publish(.tokenRevoked(token, of: session))
        }
        return session
    }
}

extension Session {
    /// Whether a situation has to be chosen before anything else.
    package var awaitsProfile: Bool { situations.awaitChoice(profile) }

    /// The state of a session that is open and not locked.
    var openState: State { awaitsProfile ? .profileRequired : .active }

    /// The trace of a situation that somebody chose.
    ///
    /// - Parameter rights: what is granted in it and by which rules, where that is not told elsewhere.
    package func choosing(
        at now: Timestamp, by caller: Caller, before: Situation?, tokensRevoked: Int = 0, rights: [String: JSON] = [:]
    ) -> TraceDraft {
        var draft = trace(.sessionProfileChosen, .granted, at: now, by: caller)
        let choice: [String: JSON] = [
            "profile": profile?.json ?? .null, "before": JSON(before?.id), "tokens_revoked": .int(Int64(tokensRevoked)),
        ]
        draft.detail = .object(choice.merging(rights) { own, _ in own })
        return draft
    }
}

extension [Situation] {
    package var json: JSON { .array(map(\.json)) }

    /// Whether one of these has to be chosen before there are any rights.
    package func awaitChoice(_ profile: Situation?) -> Bool { profile == nil && count > 1 }

    package func named(_ id: String) throws(Refusal) -> Situation {
        guard let found = first(where: { $0.id == id }) else {
            throw Refusal(.profileUnknown, ["profile": .string(id.cut(toBytes: 64)), "profiles": json])
        }
        return found
    }
}

extension Situation {
    /// As sessions name it.
    package var json: JSON {
        [
            "id": .string(id), "sector": JSON(sector), "structure_id": JSON(structure?.text), "label": JSON(label), "mode": JSON(mode),
            "profession": .string(profession), "know_how": .array(knowHow.map(JSON.string)),
        ]
    }
}
