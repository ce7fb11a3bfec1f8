internal import Audit
internal import Identity
package import Primitives
package import Sessions
package import Workstation

/// Where people come in without their card: by identifier and password, for a reason, told to others (promise P6).
package actor DegradedDesk {
    let registry: SessionRegistry
    let passwords: (any PasswordCheck)?
    let directory: any SituationSource
    let watch: (any EmergencyWatch)?
    let localAccounts: LocalAccounts
    let time: any TimeSource
    let random: any RandomSource

    private var logins: [String: DegradedLogin] = [:]

    /// Attempts of one user at once; the oldest gives way.
    private static let mostOpen = 8
    /// Attempts that are over are still told about for a while.
    private static let kept = 256

    /// - Parameters:
    ///   - passwords: `nil` where nobody has one.
    ///   - watch: is told of each session that opens.
    ///   - localAccounts: which account of this machine a person has.
    package init(
        registry: SessionRegistry, passwords: (any PasswordCheck)?, directory: any SituationSource, watch: (any EmergencyWatch)? = nil,
        localAccounts: LocalAccounts = .none, time: any TimeSource, random: any RandomSource
    ) {
        self.registry = registry
        self.passwords = passwords
        self.directory = directory
        self.watch = watch
        self.localAccounts = localAccounts
        self.time = time
        self.random = random
    }

    /// What an establishment decides about it.
    package nonisolated var rules: DegradedRules { registry.settings.degraded }

    /// Begins a login: from here on a password is awaited. Every refusal is traced.
    package func begin(_ request: DegradedRequest, by caller: Caller) async throws(Refusal) -> JSON {
        expire()
        do throws(Refusal) {
            try caller.checkLogin(for: request.forUID, request.token)
            if let emergency = request.emergency { try registry.checkEmergency(emergency, by: caller) }
            guard passwords != nil else { throw Refusal(.degradedDisabled) }
            try rules.check(reason: request.reason, note: request.note)
            guard request.hasIdentifier else {
                throw Refusal(.invalidRequest, ["detail": "identifier is no RPPS number, national identifier or id of an account"])
            }
        } catch {
            throw await refused(error, caller)
        }
        let own = logins.values.filter { $0.isOpen && $0.caller.uid == caller.uid && $0.state == .awaitingPassword }
        if own.count >= Self.mostOpen, let oldest = own.min(by: { $0.deadline < $1.deadline }) { finish(oldest.id, .cancelled) }
        let login = DegradedLogin(
            id: random.opaqueID(), caller: caller, request: request, expiresAt: time.now().advanced(bySeconds: DegradedLogin.life),
            deadline: time.sinceBoot() + .seconds(DegradedLogin.life))
        logins[login.id] = login
        return login.json
    }

    package func login(_ id: String, for caller: Caller) throws(Refusal) -> JSON {
        expire()
        return try owned(id, caller).json
    }

    /// Ends a login that waits for its password.
    package func cancel(_ id: String, by caller: Caller) throws(Refusal) {
        expire()
        guard try owned(id, caller).state == .awaitingPassword else { throw Refusal(.loginState) }
        finish(id, .cancelled)
    }

    /// Tries the password, and opens the session when it is right. After a wrong one the login goes on until its minute is over.
    ///
    /// Every refusal is traced. While a password is being tried the login takes no other.
    ///
    /// - Returns: also whether the password is so old that its owner should be asked to choose another, and the account of this machine that
    ///   the session is for where one was asked for.
    package func enter(
        _ password: consuming Secret, login id: String, by caller: Caller
    ) async throws(Refusal) -> (session: Session, token: IssuedToken?, isPasswordOld: Bool, account: LocalAccount?) {
        expire()
        let (login, check): (DegradedLogin, any PasswordCheck)
        do throws(Refusal) { (login, check) = try admit(id, caller) } catch { throw await refused(error, caller) }
        let person: KnownPerson
        do throws(Refusal) {
            person = try await check.person(login.request.identifier, password, by: login.caller)
        } catch {
            logins[id]?.state = .awaitingPassword
            throw error
        }
        let opened: (session: Session, token: IssuedToken?, account: LocalAccount?)
        do throws(OpeningRefusal) {
            opened = try await open(login, person)
        } catch {
            finish(id, .failed)
            throw await refused(error.refusal, caller, person.holder)
        }
        logins[id]?.session = opened.session.id
        finish(id, .done)
        // Somebody may have closed the account while the password was being looked at.
        guard await check.isOpen(person.account) else {
            await registry.end([opened.session.id], .accountDisabled, by: nil)
            throw Refusal(.sessionEnded, ["end_reason": .string(Session.EndReason.accountDisabled.rawValue)])
        }
        return (opened.session, opened.token, rules.isOld(person.passwordSetAt, at: time.now()), opened.account)
    }

    /// Decides whether a password is looked at, and if so keeps every other from the login. Nothing else runs in between.
    private func admit(_ id: String, _ caller: Caller) throws(Refusal) -> (DegradedLogin, any PasswordCheck) {
        let login = try owned(id, caller)
        try caller.client.check(.login)
        if let refusal = login.refusal { throw refusal }
        guard let passwords, rules.isEnabled else { throw Refusal(.degradedDisabled) }
        logins[id]?.state = .verifying
        return (login, passwords)
    }

    private func owned(_ id: String, _ caller: Caller) throws(Refusal) -> DegradedLogin {
        guard let login = logins[id], login.caller.uid == caller.uid || caller.uid == 0 else { throw Refusal(.loginNotFound) }
        return login
    }

    private func open(
        _ login: DegradedLogin, _ person: KnownPerson
    ) async throws(OpeningRefusal) -> (session: Session, token: IssuedToken?, account: LocalAccount?) {
        let (request, holder) = (login.request, person.holder)
        let (situations, profile): ([Situation], Situation?)
        let (account, uid): (LocalAccount?, UInt32)
        do throws(Refusal) {
            account = try await localAccounts.account(request.account, of: holder, by: login.caller, request.token)
            uid = account?.uid ?? request.forUID ?? login.caller.uid
            if let old = request.resumes { try await registry.checkForerunner(old, of: holder, uid: uid, by: login.caller) }
            situations = try await directory.situations(for: holder)
            profile = try situations.chosen(request.profile)
        } catch {
            throw OpeningRefusal(refusal: error, isTraced: false)
        }
        let lost = lostCard(login, person)
        let report = lost.map { registry.reporting($0, in: nil, by: login.caller) }
        let opened = try await registry.open(
            DegradedAdmission(
                id: random.opaqueID(), holder: holder,
                entry: Session.DegradedEntry(
                    origin: person.origin, account: person.account, madeBy: person.madeBy, confirmedBy: person.confirmedBy,
                    reason: request.reason, note: request.note),
                makers: [person.madeBy, person.confirmedBy].compactMap(\.self), situations: situations, profile: profile, uid: uid,
                resumes: request.resumes, life: rules.usual),
            traces: [report?.draft].compactMap(\.self), effects: [report?.effect].compactMap(\.self), by: login.caller,
            token: request.token,
            declaring: request.emergency)
        if let lost { await registry.tookLost(lost) }
        await watch?.began(opened.emergency)
        return (opened.session, opened.token, account)
    }

    /// The card that somebody says they have lost; `nil` where no number is known, or it was reported before.
    private func lostCard(_ login: DegradedLogin, _ person: KnownPerson) -> LostCard? {
        let causes: [String: LostCard.Cause] = ["card_lost": .lost, "card_stolen": .stolen]
        guard let cause = causes[login.request.reason], let serial = person.cardSerial, registry.lostCards.card(serial) == nil else {
            return nil
        }
        let (id, name) = (person.holder.nationalID.text, person.holder.displayName)
        return LostCard(serial: serial, person: id, name: name, cause: cause, by: id, at: time.now())
    }

    /// A refusal once it is written, else that it cannot be.
    private func refused(_ refusal: Refusal, _ caller: Caller, _ holder: Holder? = nil) async -> Refusal {
        var draft = TraceDraft(.degradedRefused, .refused, at: time.now())
        draft.client = caller.json
        draft.code = refusal.code.rawValue
        draft.mode = Session.Mode.degraded.rawValue
        draft.actor = holder?.actor
        if !refusal.members.isEmpty { draft.detail = .object(refusal.members) }
        do throws(Refusal) { try await registry.refusals.write(draft) } catch { return error }
        return refusal
    }

    private func finish(_ id: String, _ state: DegradedLogin.State) {
        logins[id]?.state = state
        let over = logins.values.filter { !$0.isOpen }
        guard over.count > Self.kept, let oldest = over.min(by: { $0.deadline < $1.deadline }) else { return }
        logins[oldest.id] = nil
    }

    private func expire() {
        let now = time.sinceBoot()
        for login in logins.values where login.state == .awaitingPassword && now >= login.deadline { finish(login.id, .expired) }
    }
}
