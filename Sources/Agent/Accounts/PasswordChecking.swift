internal import Audit
package import DegradedMode
internal import Identity
package import Primitives
package import Sessions

extension AccountDesk {
    /// Checks a password for a login without the card: one refusal and one duration for an unknown account, a wrong password and a
    /// disabled account; after the right password the true state, and whom to call.
    ///
    /// - Parameter identifier: RPPS number, national identifier, or the identifier of a local account, with `local:` before it or not.
    /// - Throws: a refusal that is traced already.
    package func verify(_ identifier: String, _ secret: consuming Secret, by caller: Caller) async throws(Refusal) -> Account {
        let password: Password
        do throws(Refusal) {
            try checkEnabled()
            password = try typed(secret)
        } catch {
            throw try await refused(error, .degradedRefused, by: caller)
        }
        let account = try await authenticate(identifier, password, by: caller)
        if let refusal = standing(of: account, isForChange: false) {
            throw try await refused(refusal, .degradedRefused, account, by: caller)
        }
        return account
    }

    /// Whether an account is still one that its person may come in by.
    package func isOpen(_ id: String) async -> Bool {
        guard settings.isEnabled, let account = try? await account(id) else { return false }
        return standing(of: account, isForChange: false) == nil
    }

    /// What keeps the person out although the password is right.
    ///
    /// - Parameter isForChange: whether they come to choose another password, for which an initial one is good.
    func standing(of account: Account, isForChange: Bool) -> Refusal? {
        guard !account.isDisabled else { return called(.accountDisabled) }
        guard let wayIn = account.wayIn else { return called(.accountUnconfirmed) }
        guard let until = wayIn.initialUntil else { return nil }
        guard floored.now() < until else { return called(.passwordExpired) }
        return isForChange ? nil : Refusal(.passwordChangeRequired, ["initial_until": .string(until.description)])
    }

    /// The account whose password this is, in whatever state. An attempt counts before it is tried, and everything that an attempt reads,
    /// computes and writes is the same whether there is such an account.
    ///
    /// - Throws: a refusal that is traced already.
    func authenticate(_ identifier: String, _ password: Password, by caller: Caller) async throws(Refusal) -> Account {
        let person = Self.person(identifier)
        let attempt = Attempt(person: person?.text ?? Attempt.unreadable, source: String(caller.uid))
        let known: Account?
        let moment: SlowDown.Moment
        do throws(Refusal) {
            known = try await account(of: attempt.person)
            try await recall(attempt, known)
            moment = SlowDown.Moment(floored)
            try reserve(attempt, at: moment)
        } catch {
            throw try await refused(error, .degradedRefused, about: person, by: caller)
        }
        let finding: PasswordHasher.Finding
        do throws(PasswordHasher.Failure) {
            finding = try await hasher.compare(password, with: known?.comparedHash, of: known?.id ?? Attempt.unreadable)
        } catch {
            attempts.giveBack(attempt.person, from: attempt.source)
            throw try await refused(error.refusal, .degradedRefused, about: person, by: caller)
        }
        guard let known, case .fits(let isOutdated) = finding else {
            throw try await failed(attempt, known, person, finding, at: moment, by: caller)
        }
        let rows = attempt.succeed(&attempts, known.id, at: moment)
        if !rows.isEmpty { await registry.record([], rows) }
        // What was compared may have been changed or disabled while it was.
        let now = try await account(known.id)
        guard now.comparedHash == known.comparedHash else {
            throw try await refused(Refusal(.credentialsRefused), .degradedRefused, now, by: caller)
        }
        return isOutdated ? await upgraded(now, password, by: caller) : now
    }

    private func reserve(_ attempt: Attempt, at moment: SlowDown.Moment) throws(Refusal) {
        switch attempts.reserve(attempt.person, from: attempt.source, at: moment) {
        case .go: break
        case .wait(let seconds): throw Refusal(.passwordWait, ["retry_after": .int(seconds)])
        case .locked(let seconds): throw called(.sourceLocked, ["retry_after": .int(seconds)])
        }
    }

    /// Writes a failure with its counters. A trace of its own for each: how many there can be is bounded by the waits.
    private func failed(
        _ attempt: Attempt, _ known: Account?, _ person: NationalID?, _ finding: PasswordHasher.Finding, at moment: SlowDown.Moment,
        by caller: Caller
    ) async throws(Refusal) -> Refusal {
        let now = time.now()
        if finding == .pepperLost {
            report("the password of account \(known?.id ?? "") was hashed with a pepper that is lost: it has to be set anew")
        }
        let refusal = Refusal(.credentialsRefused)
        var draft = draft(refusal, .degradedRefused, about: person, by: caller)
        draft.actor = known?.holder.actor ?? draft.actor
        draft.detail = .members([
            "cause": known == nil ? "unknown_account" : finding == .pepperLost ? "pepper_lost" : "wrong_password",
            "account": known.map { .string($0.id) },
        ])
        var drafts = [draft]
        if attempts.lock(of: attempt.source, at: moment) != nil {
            var locked = TraceDraft(.accountLocked, .info, at: now)
            locked.client = caller.json
            locked.detail = ["source": .string(attempt.source), "seconds": .int(SlowDown.day)]
            drafts.append(locked)
        }
        try await commit(drafts, attempt.rows(attempts, known?.id, at: moment))
        return refusal
    }

    /// The account with its hash made anew, which decides nothing. That this did not work is no reason to keep anybody out.
    private func upgraded(_ account: Account, _ password: Password, by caller: Caller) async -> Account {
        do throws(Refusal) {
            let hash = try await hash(password, of: account.id)
            return try await change(account.id) { current throws(Refusal) in
                guard current.wayIn?.hash == account.wayIn?.hash, current.wayIn != nil else { throw Refusal(.credentialsRefused) }
                current.wayIn?.hash = hash
                return []
            }
        } catch {
            report("the hash of account \(account.id) could not be made anew: \(error.code.rawValue)")
            return account
        }
    }

    // MARK: Who is meant

    /// Whom a typed identifier names; `nil` for what names nobody.
    static func person(_ identifier: String) -> NationalID? {
        guard identifier.utf8.count <= NationalID.lengthLimit else { return nil }
        let text = String(identifier.filter { $0 != " " })
        guard let typed = NationalID(typed: text) else { return nil }
        return typed.kind == .other && !text.hasPrefix("local:") ? NationalID("local:\(text)") : typed
    }

    // MARK: Refusals

    /// A refusal, once it is traced. The identifier that was typed is traced only where it has the form of one: people type passwords there.
    func refused(_ refusal: Refusal, _ event: TraceEvent, about person: NationalID? = nil, by caller: Caller) async throws(Refusal)
        -> Refusal
    {
        try await registry.refusals.write(draft(refusal, event, about: person, by: caller))
        return refusal
    }

    func refused(_ refusal: Refusal, _ event: TraceEvent, _ account: Account, by caller: Caller) async throws(Refusal) -> Refusal {
        var draft = draft(refusal, event, about: nil, by: caller)
        draft.actor = account.holder.actor
        try await registry.refusals.write(draft)
        return refusal
    }

    private func draft(_ refusal: Refusal, _ event: TraceEvent, about person: NationalID?, by caller: Caller) -> TraceDraft {
        var draft = TraceDraft(event, .refused, at: time.now())
        draft.client = caller.json
        draft.code = refusal.code.rawValue
        if let person, person.rpps != nil { draft.actor = ["national_id": .string(person.text)] }
        if !refusal.members.isEmpty { draft.detail = .object(refusal.members) }
        return draft
    }
}
