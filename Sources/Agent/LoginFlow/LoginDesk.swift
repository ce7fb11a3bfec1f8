internal import Audit
internal import CardDrivers
internal import Habilitation
internal import Identity
internal import PKI
package import Primitives
package import Sessions
package import SmartCard
internal import Workstation

/// Where logins are made: card found, certificate trusted, tries shown, PIN verified and challenge signed in one transaction,
/// session opened. One login at a time a reader.
package actor LoginDesk {
    let board: CardBoard
    let access: any CardAccess
    let registry: SessionRegistry
    let ledger: any Ledger
    let trust: any TrustCheck
    let directory: any SituationSource
    let hub: EventHub
    let time: any TimeSource
    let random: any RandomSource
    let settings: LoginSettings

    var logins: [String: Login] = [:]
    /// Of the sessions that were opened.
    var cards: [String: SessionCard] = [:]
    /// Readers where a login is being begun.
    private var beginning: Set<String> = []

    /// Tries left that were read longer ago than this are read again before they are shown.
    private static let freshness = Duration.seconds(3)
    /// Time for verifying and signing.
    static let pinDeadline = Duration.seconds(8)
    /// Logins that are over are still told about for a while.
    static let kept = 256

    package init(
        board: CardBoard, access: any CardAccess, registry: SessionRegistry, ledger: any Ledger, trust: any TrustCheck, hub: EventHub,
        directory: any SituationSource, time: any TimeSource, random: any RandomSource, settings: LoginSettings
    ) {
        self.board = board
        self.access = access
        self.registry = registry
        self.ledger = ledger
        self.trust = trust
        self.directory = directory
        self.hub = hub
        self.time = time
        self.random = random
        self.settings = settings
    }

    /// Whether a code of a card is awaited or being tried.
    package var isInUse: Bool { !beginning.isEmpty || logins.values.contains { [.awaitingPIN, .verifying].contains($0.state) } }

    // MARK: Beginning

    /// Begins a login: from here on a PIN is awaited. Every refusal is traced.
    package func begin(_ request: LoginRequest, by caller: Caller) async throws(Refusal) -> JSON {
        do throws(Refusal) { try check(request, caller) } catch { throw await refused(error, .login, request, caller, nil) }
        return try await begin(request, for: .login, by: caller).answer
    }

    /// Begins whatever takes a code of the card, once the reader is free for it.
    func begin(_ request: LoginRequest, for purpose: Purpose, by caller: Caller) async throws(Refusal) -> Login {
        let found: (view: ReaderView, insertion: Insertion, reading: CardReading)
        do throws(Refusal) {
            found = try await board.cardForLogin(reader: request.reader)
        } catch {
            throw await refused(error, purpose, request, caller, nil)
        }
        let reader = found.view.reader.name
        guard beginning.insert(reader).inserted else {
            throw await refused(Refusal(.loginBusy, ["retry_after": 1]), purpose, request, caller, found)
        }
        defer { beginning.remove(reader) }
        let login: Login
        do throws(Refusal) {
            try await makeRoom(reader, for: caller)
            login = try await prepare(request, purpose, caller, found)
        } catch {
            throw await refused(error, purpose, request, caller, found)
        }
        // An emergency is declared with the disk full too.
        let urgency = request.emergency.map { _ in Urgency.emergency(person: login.holder.nationalID.text) } ?? .ordinary
        if let started = purpose.started { _ = try await commit([trace(login, started, .info)], as: urgency) }
        logins[login.id] = login
        // The card may have left while the trace was being written.
        guard await registry.isLive(login.insertion.id) else { throw await failed(Refusal(.cardRemoved), login.id) }
        publish(login.id)
        return login
    }

    /// Whether this program may ask for such a login at all.
    private func check(_ request: LoginRequest, _ caller: Caller) throws(Refusal) {
        try caller.checkLogin(for: request.forUID, request.token)
        if let emergency = request.emergency { try registry.checkEmergency(emergency, by: caller) }
    }

    private func prepare(
        _ request: LoginRequest, _ purpose: Purpose, _ caller: Caller,
        _ found: (view: ReaderView, insertion: Insertion, reading: CardReading)
    ) async throws(Refusal) -> Login {
        let now = time.now()
        if let session = purpose.session, !session.lives(by: found.insertion.id) { throw Refusal(.cardRemoved) }
        let lost = registry.lostCards.card(found.reading.content.identity.serial.digits)
        if let lost, purpose != .login || settings.passwords == nil { throw lost.refusal }
        if case .sign(let session, let batch) = purpose {
            return try await prepareSignature(batch, session, purpose, request, caller, found)
        }
        let (certificate, revocation): (VerifiedCertificate, Session.Revocation)
        do throws(CertificateRefusal) {
            (certificate, revocation) = try await trust.checkAtLogin(found.reading.content.authenticationCertificate, at: now)
        } catch {
            if error.isOfBytes { await board.doubt(found.reading, found.insertion) }
            throw error.refusal
        }
        guard let holder = try? Holder(certificate) else { throw Refusal(.certificateMalformed) }
        let account = try await settings.localAccounts.account(request.account, of: holder, by: caller, request.token)
        if let old = request.resumes {
            try await registry.checkForerunner(old, of: holder, uid: account?.uid ?? request.forUID ?? caller.uid, by: caller)
        }
        try Self.checkSupervisor(request, holder)
        let situations = purpose == .login ? try await directory.situations(for: holder) : []
        let profile = try situations.chosen(request.profile)
        // While a situation has to be chosen there are no rights to decide about.
        let isWaiting = situations.awaitChoice(profile)
        let rights =
            isWaiting
            ? Rights.none
            : registry.rights(
                of: holder, mode: revocation.rights, profile: profile, client: caller.client.name,
                isBreakGlass: request.emergency != nil)
        if request.emergency != nil {
            // Rights depend on the situation: it has to be chosen with the login then.
            guard !isWaiting else { throw Refusal(.profileRequired, ["profiles": situations.json]) }
            let usual = registry.rights(of: holder, mode: revocation.rights, profile: profile, client: caller.client.name)
            guard rights.scopes.contains(where: { !usual.grants($0) }) else { throw Refusal(.breakGlassDenied) }
        }
        if let token = request.token, !isWaiting, case .refused(let scope, let rules) = rights.decide(token.scopes) {
            throw .scopeDenied(scope, rules)
        }
        var reading = found.reading
        if reading.pin.triesLeft == nil || time.sinceBoot() - reading.readSinceBoot > Self.freshness {
            do throws(CardError) {
                reading = try await board.refreshed(reading, found.insertion)
            } catch {
                throw error.refusal
            }
        }
        guard reading.pin.triesLeft != 0 || purpose == .pin(.unblock) else { throw Refusal(.pinBlocked, ["tries_left": 0]) }
        var login = Login(
            id: random.opaqueID(), purpose: purpose, caller: caller, request: request, view: found.view, insertion: found.insertion,
            reading: reading,
            certificate: certificate, revocation: revocation, holder: holder, situations: situations,
            profile: profile, scopes: rights.scopes,
            expiresAt: now.advanced(bySeconds: Login.life), deadline: time.sinceBoot() + .seconds(Login.life))
        login.account = account
        login.lost = lost
        if case .pin(let operation) = purpose { return try await staking(login, operation) }
        show(&login, triesLeft: reading.pin.triesLeft)
        return login
    }

    private static func checkSupervisor(_ request: LoginRequest, _ holder: Holder) throws(Refusal) {
        guard let supervisor = request.supervisor else { return }
        guard holder.card.type == .cpf, supervisor != holder.nationalID else {
            throw Refusal(.invalidRequest, ["detail": "only the holder of a CPF names a supervisor, and another person"])
        }
    }

    /// The same user begins again: what was begun earlier gives way. What another user began on that reader has the reader.
    private func makeRoom(_ reader: String, for caller: Caller) async throws(Refusal) {
        await expire()
        while let login = logins.values.first(where: { $0.view.reader.name == reader && $0.isOpen }) {
            guard login.caller.uid == caller.uid, login.state == .awaitingPIN else {
                let left = (login.deadline - time.sinceBoot()).components.seconds
                throw Refusal(.loginBusy, ["retry_after": .int(max(1, left))])
            }
            await giveUp(login)
        }
    }

    // MARK: Looking

    package func login(_ id: String, for caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        return try owned(id, caller).answer
    }

    /// Logins under way that this user may see.
    package func open(for caller: Caller) -> [JSON] {
        logins.values.filter { $0.isOpen && $0.purpose == .login && ($0.caller.uid == caller.uid || caller.uid == 0) }.map(\.json)
    }

    func owned(_ id: String, _ caller: Caller, _ purpose: Purpose = .login) throws(Refusal) -> Login {
        guard let login = logins[id], login.purpose == purpose, login.caller.uid == caller.uid || caller.uid == 0 else {
            throw Refusal(.loginNotFound)
        }
        return login
    }

    // MARK: Changing

    func show(_ login: inout Login, triesLeft: Int?) {
        login.triesShown = triesLeft
        login.lastTryConsent = triesLeft == 1 ? "\(login.id).\(random.opaqueID())" : nil
    }

    func publish(_ id: String) {
        if let login = logins[id], login.purpose == .login { hub.publish(Event(.login, login.json, uid: login.caller.uid)) }
    }

    func trace(_ login: Login, _ event: TraceEvent, _ outcome: TraceOutcome, _ code: ErrorCode? = nil) -> TraceDraft {
        login.trace(event, outcome, code, at: time.now())
    }

    func commit(_ drafts: [TraceDraft], as urgency: Urgency = .ordinary) async throws(Refusal) -> UInt64 {
        do throws(LedgerFailure) { return try await ledger.commit(drafts, [], as: urgency) } catch { throw Refusal(.traceUnavailable) }
    }
}
