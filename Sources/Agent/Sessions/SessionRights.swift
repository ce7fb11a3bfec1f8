package import Habilitation
package import Identity
package import Primitives

extension Facts {
    /// What rights depend on, of somebody with a card.
    ///
    /// - Parameter situation: the one they work in; `nil` where none is known: rights that depend on one are then not given.
    package init(_ holder: Holder, mode: AccessMode, situation: Situation? = nil, client: String, workstation: String) {
        self.init(mode: mode)
        person = holder.nationalID.text
        rpps = holder.rpps
        // Whoever is in training has no profession yet, whatever else the card bears; a card of an unknown family vouches for none.
        profession = holder.card.isOfUnknownFamily || holder.card.type == .cpf ? nil : holder.profession?.code
        training = holder.training
        knowHow = (situation?.knowHow).flatMap { $0.isEmpty ? nil : $0 } ?? holder.knowHow
        family = holder.card.type?.rawValue
        sector = situation?.sector
        structure = situation?.structure?.text ?? holder.structureID?.text
        profile = situation?.id
        isTest = holder.isTest
        self.client = client
        self.workstation = workstation
    }
}

extension SessionRegistry {
    /// The rights of somebody who asks for a session with this program.
    package nonisolated func rights(
        of holder: Holder, mode: AccessMode, profile: Situation?, client: String, isBreakGlass: Bool = false
    ) -> Rights {
        var facts = Facts(holder, mode: mode, situation: profile, client: client, workstation: settings.workstation)
        facts.isBreakGlass = isBreakGlass
        return settings.habilitation.rights(for: facts)
    }

    /// What rights in a session depend on, for a program that uses it.
    package nonisolated func facts(of session: Session, client: String) -> Facts {
        Facts(
            session.holder, mode: session.rights, situation: session.profile, client: client, workstation: settings.workstation)
    }

    /// None while the session waits for a situation.
    ///
    /// - Parameter isBreakGlass: under an emergency that this program has declared.
    nonisolated func rights(of session: Session, client: String, isBreakGlass: Bool = false) -> Rights {
        guard !session.awaitsProfile else { return Rights.none }
        var facts = facts(of: session, client: client)
        facts.isBreakGlass = isBreakGlass
        return settings.habilitation.rights(for: facts)
    }

    /// Those that the program has now, under an emergency where it has declared one.
    func rightsNow(of session: Session, client: String) -> Rights {
        rights(of: session, client: client, isBreakGlass: emergency(in: session.id, client: client) != nil)
    }

    /// The session and the rules by which the person at work at this caller's may do more than look after themself; `nil` when no one may.
    ///
    /// Only an active session with a card counts: whoever locked theirs, or came in without the card, has no such right.
    package func duty(_ scope: Scope, of caller: Caller) -> (session: Session, rules: [Rule])? {
        for session in sessions(for: caller) where session.uid == caller.uid && session.mode == .card {
            guard (try? usable(session.id)) != nil else { continue }
            let (isGranted, rules) = rightsNow(of: session, client: caller.client.name).verdict(on: scope)
            if isGranted { return (session, rules) }
        }
        return nil
    }

    /// A session that a caller may see and end, not use: their own, or everybody's with role administration.
    package func visible(_ id: String, to caller: Caller) throws(Refusal) -> Session {
        guard let found = found(id), isOwner(caller, found) || duty(.sessionManage, of: caller) != nil else {
            throw Refusal(.sessionNotFound)
        }
        return found
    }

    /// The live sessions that a caller may see.
    package func visibleSessions(to caller: Caller) -> [Session] {
        duty(.sessionManage, of: caller) == nil ? sessions(for: caller) : allSessions
    }
}

extension Refusal {
    package static func scopeDenied(_ scope: Scope, _ rules: [Rule]) -> Refusal {
        Refusal(
            .scopeDenied,
            [
                "scope": .string(scope.text), "rule": (rules.first ?? .noGrant).json, "rules": .array(rules.map(\.json)),
            ])
    }
}
