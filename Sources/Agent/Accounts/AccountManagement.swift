internal import Audit
package import DegradedMode
internal import Habilitation
package import Identity
package import Primitives
package import Sessions

/// What a référent says of a person whom they make an account for.
package struct NewAccount: Hashable, Sendable {
    package let person: NationalID
    package let profile: PersonProfile

    /// - Parameter identifier: RPPS number, national identifier, or `local:` and a name of its own for a person without one.
    package init(
        identifier: String, familyName: String, givenName: String, profession: String?, structure: String?
    ) throws(Refusal) {
        guard let person = AccountDesk.person(identifier), person.text != "local:" else {
            throw Self.invalid("national_id is no identifier of a person, or its key is wrong")
        }
        for (name, text) in [("family_name", familyName), ("given_name", givenName)] {
            guard (1...PersonProfile.longestName).contains(text.utf8.count), text.isPlainLine else {
                throw Self.invalid("\(name) has 1 to \(PersonProfile.longestName) bytes on one line")
            }
        }
        if let profession, Profession(code: profession).label == nil { throw Self.invalid("profession is no code of table G15") }
        let structureID = structure.flatMap { StructureID($0) }
        if structure != nil, structureID == nil { throw Self.invalid("structure_id is no identifier of a structure") }
        self.person = person
        profile = PersonProfile(
            familyName: familyName, givenName: givenName, profession: profession.map { Profession(code: $0) }, structureID: structureID)
    }

    private static func invalid(_ detail: String) -> Refusal { Refusal(.invalidRequest, ["detail": .string(detail)]) }
}

extension AccountDesk {
    /// A référent makes an account. The answer alone holds the initial password.
    package func add(_ new: NewAccount, session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        let duty = try await duty(in: id, about: new.person, by: caller)
        guard try await account(of: new.person.text) == nil else { throw Refusal(.accountExists) }
        let now = time.now()
        var account = Account(id: random.opaqueID(), person: new.person, profile: new.profile, at: now)
        let (wayIn, text) = try await initial(of: account.id, by: duty.session)
        await turns.take()
        defer { turns.pass() }
        guard try await self.account(of: new.person.text) == nil else { throw Refusal(.accountExists) }
        account.offer(wayIn, at: now)
        let trace = account.trace(.accountCreated, in: duty.session, at: now, by: caller, duty.members(wayIn.members))
        try await commit([trace], [.keep(account.record)])
        return account.json.with("initial_password", .string(text))
    }

    /// A référent gives an account another initial password. The answer alone holds it.
    package func reset(_ account: String, session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        let found = try await self.account(account)
        let duty = try await duty(in: id, about: found.person, by: caller)
        let now = time.now()
        let (wayIn, text) = try await initial(of: found.id, by: duty.session)
        let changed = try await change(found.id) { current throws(Refusal) in
            current.offer(wayIn, at: now)
            return [current.trace(.accountReset, in: duty.session, at: now, by: caller, duty.members(wayIn.members))]
        }
        return changed.json.with("initial_password", .string(text))
    }

    /// A second person confirms, in a session with their card, what a référent has made.
    package func confirm(_ account: String, session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        try checkEnabled()
        let session = try await registry.atCard(in: id, of: caller)
        let (now, confirming) = (time.now(), session.holder.nationalID)
        let limit = floored.now()
        return try await change(account) { current throws(Refusal) in
            guard var wayIn = current.pending, case .referent(let maker, .awaited) = wayIn.origin, let until = wayIn.initialUntil,
                limit < until
            else { throw Refusal(.nothingToConfirm) }
            guard confirming != maker.person, confirming != current.person else { throw Refusal(.secondPersonRequired) }
            wayIn.origin = .referent(maker, .by(WayIn.Maker(session)))
            current.take(wayIn, at: now)
            return [current.trace(.accountConfirmed, in: session, at: now, by: caller, wayIn.members)]
        }.json
    }

    /// A référent closes an account, which ends what its person has open without their card, or opens it again.
    package func setDisabled(_ isDisabled: Bool, _ account: String, session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        let duty = try await duty(in: id, about: nil, by: caller)
        let now = time.now()
        let changed = try await change(account) { current throws(Refusal) in
            current.isDisabled = isDisabled
            current.changedAt = now
            return [current.trace(isDisabled ? .accountDisabled : .accountEnabled, in: duty.session, at: now, by: caller, duty.members())]
        }
        if isDisabled { await registry.endWithoutCard(of: changed.person, .accountDisabled, by: caller) }
        return changed.json
    }

    /// A référent lifts the waits of an account.
    package func unlock(_ account: String, session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        let duty = try await duty(in: id, about: nil, by: caller)
        let found = try await self.account(account)
        let attempt = Attempt(person: found.person.text, source: "")
        try await recall(attempt, found)
        var left = attempts
        _ = left.unlock(account: attempt.person)
        let row = Attempt.accountRow(found.id)
        let trace = found.trace(.accountUnlocked, in: duty.session, at: time.now(), by: caller, duty.members())
        try await commit([trace], [Attempt.effect(row, key: found.id, left.stored(account: attempt.person, at: SlowDown.Moment(floored)))])
        _ = attempts.unlock(account: attempt.person)
        return found.json
    }

    /// A référent lifts the lock of a user of this machine.
    package func unlock(source: UInt32, session id: String, by caller: Caller) async throws(Refusal) {
        let duty = try await duty(in: id, about: nil, by: caller)
        var trace = duty.session.trace(.accountUnlocked, .granted, at: time.now(), by: caller)
        trace.detail = .object(duty.members(["source": .string(String(source))]))
        try await commit([trace], [.forget(.attempts, id: Attempt.sourceRow(String(source)))])
        _ = attempts.unlock(source: String(source))
    }

    // MARK: Seeing

    /// A page of all accounts, for a référent at work or root.
    ///
    /// - Parameter after: id of the last one of the page before.
    package func list(after: String?, limit: Int, for caller: Caller) async throws(Refusal) -> JSON {
        try await checkMaySee(caller)
        let records = try await reading { () async throws(LedgerFailure) in try await ledger.records(.account, after: after, limit: limit) }
        var accounts: [JSON] = []
        for record in records { accounts.append(try decoded(record).json) }
        return ["accounts": .array(accounts), "next": records.count == limit ? JSON(records.last?.id) : .null]
    }

    /// One account, for a référent at work, root, and its own person in a session of theirs.
    package func show(_ id: String, for caller: Caller) async throws(Refusal) -> JSON {
        let found: Account
        do throws(Refusal) {
            found = try await account(id)
        } catch {
            try await checkMaySee(caller)
            throw error
        }
        let own = await registry.sessions(for: caller).contains { $0.uid == caller.uid && $0.holder.nationalID == found.person }
        if !own { try await checkMaySee(caller) }
        return found.json
    }

    private func checkMaySee(_ caller: Caller) async throws(Refusal) {
        guard caller.uid != 0, await registry.duty(.accountManage, of: caller) == nil else { return }
        throw .scopeDenied(.accountManage, [])
    }

    // MARK: Steps

    /// A référent at work, and the rules by which they are one.
    struct Duty: Sendable {
        let session: Session
        let rules: [Rule]

        func members(_ more: [String: JSON] = [:]) -> [String: JSON] {
            more.merging(["rules": .array(rules.map(\.json))]) { own, _ in own }
        }
    }

    /// - Parameter about: whose way in is made; `nil` where none is. Nobody makes their own.
    private func duty(in id: String, about: NationalID?, by caller: Caller) async throws(Refusal) -> Duty {
        try caller.client.check(.login)
        if about != nil { try checkEnabled() }
        let duty = try await registry.duty(.accountManage, in: id, of: caller)
        guard duty.session.holder.nationalID != about else { throw Refusal(.secondPersonRequired) }
        return Duty(session: duty.session, rules: duty.rules)
    }

    /// An initial password with its hash, and its text for the person who hands it over.
    private func initial(of account: String, by session: Session) async throws(Refusal) -> (wayIn: WayIn, text: String) {
        let secret = InitialPassword.make(random: random)
        let text = secret.withBytes { String(decoding: $0, as: UTF8.self) }
        let hash = try await hash(try typed(secret), of: account)
        let wayIn = WayIn(
            origin: .referent(WayIn.Maker(session), settings.isSolo ? .solo : .awaited), hash: hash, madeAt: time.now(),
            initialUntil: floored.now().advanced(bySeconds: InitialPassword.life))
        return (wayIn, text)
    }
}

extension Account {
    /// Puts what a référent made in force where nobody else works; else it waits for a second person.
    fileprivate mutating func offer(_ wayIn: WayIn, at now: Timestamp) {
        if wayIn.isSolo { take(wayIn, at: now) } else { pending = wayIn }
        changedAt = now
    }
}
