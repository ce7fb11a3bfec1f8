internal import Audit
internal import DegradedMode
internal import Identity
internal import Primitives
internal import Sessions

extension AccountDesk {
    /// Puts a password in force that the holder sets while their card is there.
    func enrol(_ password: Password, session id: String, by caller: Caller) async throws(Refusal) -> Account {
        let session = try await registry.atCard(in: id, of: caller)
        guard let presence = session.presence, presence.revocation.status != .revoked else { throw Refusal(.certificateRevoked) }
        let (person, profile) = (session.holder.nationalID, PersonProfile(session.holder))
        let before = try await account(of: person.text)
        let account = before ?? Account(id: random.opaqueID(), person: person, profile: profile, at: time.now())
        guard !account.isDisabled else { throw called(.accountDisabled) }
        try await judge(password, for: account.with(profile), by: caller)
        let hash = try await hash(password, of: account.id)
        // The card may have left meanwhile, and the account may have come about or changed.
        await turns.take()
        defer { turns.pass() }
        _ = try await registry.atCard(in: id, of: caller)
        let found = try await self.account(of: person.text)
        guard found == before else { throw Refusal(.loginState) }
        var now = account.with(profile)
        let wayIn = WayIn(
            origin: .holder(WayIn.Maker(session), cardSerial: presence.card.serial), hash: hash, madeAt: time.now(), initialUntil: nil)
        now.take(wayIn, at: wayIn.madeAt)
        let trace = now.trace(
            before == nil ? .accountCreated : .accountPasswordSet, in: session, at: wayIn.madeAt, by: caller,
            before == nil ? wayIn.members : wayIn.members.merging(["by": "card"]) { own, _ in own })
        try await commit([trace], [.keep(now.record)])
        return now
    }

    /// Puts a password in force by the one before. A wrong one has to be given again, the new one is kept for it; and the other way round.
    func change(_ entry: PasswordEntry, by caller: Caller) async throws(Refusal) -> JSON {
        guard case .change(let identifier) = entry.purpose, let new = entry.new else { throw Refusal(.loginState) }
        let account: Account
        if let id = entry.account {
            account = try await self.account(id)
        } else {
            guard let current = entry.current else { throw Refusal(.loginState) }
            entries[entry.id]?.current = nil
            account = try await authenticate(identifier, current, by: caller)
            entries[entry.id]?.account = account.id
        }
        do throws(Refusal) {
            if let refusal = standing(of: account, isForChange: true) { throw refusal }
            return try await set(new, of: account, by: caller, entry)
        } catch {
            entries[entry.id]?.new = nil
            throw try await refused(error, .accountRefused, account, by: caller)
        }
    }

    private func set(_ new: Password, of account: Account, by caller: Caller, _ entry: PasswordEntry) async throws(Refusal) -> JSON {
        try await judge(new, for: account, by: caller)
        let hash = try await hash(new, of: account.id)
        let now = time.now()
        let changed = try await change(account.id) { current throws(Refusal) in
            // Somebody may have set another one, or disabled the account, meanwhile.
            guard let wayIn = current.wayIn, wayIn.hash == account.wayIn?.hash, !current.isDisabled else {
                throw Refusal(.credentialsRefused)
            }
            var next = wayIn
            next.hash = hash
            next.setAt = now
            next.initialUntil = nil
            let pending = current.pending
            current.take(next, at: now)
            current.pending = pending
            return [current.trace(.accountPasswordSet, .granted, at: now, by: caller, ["by": "password"])]
        }
        entries[entry.id] = nil
        return changed.json
    }
}
