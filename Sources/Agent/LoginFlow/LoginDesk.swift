internal import Audit
internal import CardDrivers
internal import Habilitation
internal import Identity
internal import PKI
package import Primitives
package import Sessions
package import SmartCard

/// Where logins are made: card found, certificate trusted, tries shown, PIN verified and challenge signed in one transaction,
/// session opened. One login at a time a reader.
package actor LoginDesk {
    private let board: CardBoard
    private let access: any CardAccess
    private let registry: SessionRegistry
    private let ledger: any Ledger
    private let trust: any TrustCheck
    private let hub: EventHub
    private let time: any TimeSource
    private let random: any RandomSource
    private let settings: LoginSettings

    private var logins: [String: Login] = [:]
    /// Readers where a login is being begun.
    private var beginning: Set<String> = []

    /// Tries left that were read longer ago than this are read again before they are shown.
    private static let freshness = Duration.seconds(3)
    /// Time for verifying and signing.
    private static let pinDeadline = Duration.seconds(8)
    /// Logins that are over are still told about for a while.
    private static let kept = 256

    package init(
        board: CardBoard, access: any CardAccess, registry: SessionRegistry, ledger: any Ledger, trust: any TrustCheck, hub: EventHub,
        time: any TimeSource, random: any RandomSource, settings: LoginSettings
    ) {
        self.board = board
        self.access = access
        self.registry = registry
        self.ledger = ledger
        self.trust = trust
        self.hub = hub
        self.time = time
        self.random = random
        self.settings = settings
    }

    // MARK: Beginning

    /// Begins a login: from here on a PIN is awaited. Every refusal is traced.
    package func begin(_ request: LoginRequest, by caller: Caller) async throws(Refusal) -> JSON {
        if let uid = request.forUID, uid != caller.uid, caller.uid != 0 { throw await refused(Refusal(.forbidden), request, caller, nil) }
        let found: (view: ReaderView, insertion: Insertion, reading: CardReading)
        do throws(Refusal) {
            found = try await board.cardForLogin(reader: request.reader)
        } catch {
            throw await refused(error, request, caller, nil)
        }
        let reader = found.view.reader.name
        guard beginning.insert(reader).inserted else {
            throw await refused(Refusal(.loginBusy, ["retry_after": 1]), request, caller, found)
        }
        defer { beginning.remove(reader) }
        let login: Login
        do throws(Refusal) {
            try await makeRoom(reader, for: caller)
            login = try await prepare(request, caller, found)
        } catch {
            throw await refused(error, request, caller, found)
        }
        _ = try await commit([trace(login, .loginStarted, .info)])
        logins[login.id] = login
        hub.publish(Event(.login, login.json, uid: caller.uid))
        return login.json
    }

    private func prepare(
        _ request: LoginRequest, _ caller: Caller, _ found: (view: ReaderView, insertion: Insertion, reading: CardReading)
    ) async throws(Refusal) -> Login {
        let now = time.now()
        let (certificate, revocation): (VerifiedCertificate, Session.Revocation)
        do throws(CertificateRefusal) {
            (certificate, revocation) = try trust.check(found.reading.content.authenticationCertificate, at: now)
        } catch {
            throw error.refusal
        }
        guard let holder = try? Holder(certificate) else { throw Refusal(.certificateMalformed) }
        let mode = revocation.status == .good ? AccessMode.card : .unchecked
        let scopes = settings.habilitation.scopes(for: holder, mode: mode)
        if let token = request.token {
            guard !token.audience.isEmpty else { throw Refusal(.audienceRequired) }
            if case .refused(let scope, let rule) = settings.habilitation.decide(requested: token.scopes, holder: holder, mode: mode) {
                throw Refusal(.scopeDenied, ["scope": .string(scope.text), "rule": .string(rule.rawValue)])
            }
        }
        var reading = found.reading
        if time.sinceBoot() - reading.readSinceBoot > Self.freshness {
            do throws(CardError) {
                reading = try await board.refreshed(reading, found.insertion)
            } catch {
                throw error.refusal
            }
        }
        guard reading.pin.triesLeft != 0 else { throw Refusal(.pinBlocked, ["tries_left": 0]) }
        var login = Login(
            id: random.opaqueID(), caller: caller, request: request, view: found.view, insertion: found.insertion, reading: reading,
            certificate: certificate, revocation: revocation, holder: holder, scopes: scopes,
            expiresAt: now.advanced(bySeconds: Login.life), deadline: time.sinceBoot() + .seconds(Login.life))
        show(&login, triesLeft: reading.pin.triesLeft)
        return login
    }

    /// The same user begins again: the earlier login gives way. Another user's login on that reader has the reader.
    private func makeRoom(_ reader: String, for caller: Caller) async throws(Refusal) {
        await expire()
        let open = logins.values.filter { $0.view.reader.name == reader && ($0.state == .awaitingPIN || $0.state == .verifying) }
        for login in open {
            guard login.caller.uid == caller.uid, login.state == .awaitingPIN else {
                throw Refusal(.loginBusy, ["retry_after": .int(max(1, (login.expiresAt.seconds - time.now().seconds)))])
            }
            try await cancel(login.id, by: caller)
        }
    }

    // MARK: The PIN

    /// Tries the PIN. At most one try of the card is spent, and none but on the card that was found, with its tries as they were shown.
    package func enterPIN(
        _ pin: consuming Secret, login id: String, acceptLastTry: String?, by caller: Caller
    ) async throws(Refusal) -> (session: Session, token: IssuedToken?) {
        await expire()
        var login = try owned(id, caller)
        guard login.state == .awaitingPIN else { throw login.failure ?? Refusal(.loginState) }
        guard CPSCard.isWellFormed(pin, for: login.reading.content.pin) else {
            _ = try await commit([trace(login, .pinRefused, .refused, .pinFormat)])
            throw Refusal(.pinFormat)
        }
        if let consent = login.lastTryConsent, consent != acceptLastTry {
            _ = try await commit([trace(login, .pinRefused, .refused, .lastTryConsentRequired)])
            show(&login, triesLeft: login.triesShown)
            logins[id] = login
            throw Refusal(.lastTryConsentRequired, consentMembers(login))
        }
        login.state = .verifying
        logins[id] = login
        let challenge = try await challenge(login)
        let (insertion, content, shown) = (login.insertion, login.reading.content, login.triesShown)
        let afterUse = settings.afterUse
        let secret = pin
        let signature: [UInt8]
        let start = time.awake()
        do throws(CardError) {
            signature = try await access.transaction(with: insertion, rereads: false, deadline: Self.pinDeadline) {
                channel throws(CardError) in
                try CPSCard(channel, atr: insertion.atr)
                    .authenticate(content, pin: secret, triesShown: shown, digest: challenge.digest, afterUse: afterUse)
            }
        } catch {
            throw await pinRefused(error, id)
        }
        settings.cardTime(time.awake() - start)
        await board.note(triesLeft: nil, insertion: insertion.id)
        let proof: ProvenHolder
        do throws(ProofRefusal) {
            proof = try ProvenHolder.prove(certificate: login.certificate, challenge: challenge, signature: signature)
        } catch {
            throw await failed(Refusal(.proofInvalid), id)
        }
        return try await open(login, proof)
    }

    private func challenge(_ login: Login) async throws(Refusal) -> Challenge {
        let head = await ledger.head()
        do throws(ProofRefusal) {
            return try Challenge(
                issuer: settings.issuer, tokenKey: settings.tokenKeyID(), nonce: random.bytes(Challenge.nonceSize),
                insertion: login.insertion.id, time: time.now(),
                caller: Challenge.Caller(uid: login.caller.uid, gid: login.caller.gid, pid: login.caller.pid),
                log: Challenge.LogHead(size: Int64(head.size), root: head.root))
        } catch {
            throw await failed(Refusal(.internalError), login.id)
        }
    }

    private func open(_ login: Login, _ proof: ProvenHolder) async throws(Refusal) -> (session: Session, token: IssuedToken?) {
        let now = time.now()
        let mode = login.revocation.status == .good ? AccessMode.card : .unchecked
        let session = Session(
            id: random.opaqueID(), state: .active, mode: .card,
            place: Session.Place(
                reader: login.view.reader.name, readerKind: login.view.reader.kind.rawValue, insertion: login.insertion.id),
            uid: login.request.forUID ?? login.caller.uid, resumes: login.request.resumes,
            card: Session.Card(
                generation: login.reading.content.identity.generation.rawValue, type: login.holder.card.type?.rawValue,
                serial: login.reading.content.identity.serial.digits),
            holder: login.holder, scopes: login.scopes,
            acr: mode.acr(issuer: settings.issuer), amr: ["sc", "pin", "mfa", "hwk"],
            revocation: login.revocation, openedAt: now, expiresAt: now.advanced(bySeconds: settings.longestSession))
        var verified = trace(login, .pinVerified, .granted)
        verified.evidence = proof.evidence
        verified.session = session.id
        do throws(Refusal) {
            let opened = try await registry.open(session, traces: [verified], by: login.caller, token: login.request.token)
            finish(login.id, .done, nil)
            return opened
        } catch {
            throw await failed(error, login.id)
        }
    }

    // MARK: Endings

    package func cancel(_ id: String, by caller: Caller) async throws(Refusal) {
        let login = try owned(id, caller)
        guard login.state == .awaitingPIN else { throw Refusal(.loginState) }
        finish(id, .cancelled, nil)
        _ = try await commit([trace(login, .loginCancelled, .info)])
    }

    package func login(_ id: String, for caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        return try owned(id, caller).json
    }

    /// Logins under way that this user may see.
    package func open(for caller: Caller) -> [JSON] {
        logins.values.filter { $0.state == .awaitingPIN && ($0.caller.uid == caller.uid || caller.uid == 0) }.map(\.json)
    }

    /// Ends logins whose minute has passed, and those whose card has left.
    package func expire() async {
        let boot = time.sinceBoot()
        for login in logins.values where login.state == .awaitingPIN {
            let isGone = await !registry.isLive(login.insertion.id)
            guard isGone || boot >= login.deadline else { continue }
            finish(login.id, isGone ? .failed : .expired, isGone ? Refusal(.cardRemoved) : Refusal(.loginExpired))
            let draft = trace(login, isGone ? .loginFailed : .loginExpired, isGone ? .failed : .info, isGone ? .cardRemoved : .loginExpired)
            _ = try? await ledger.commit([draft], [])
        }
    }

    // MARK: Refusals

    /// What the card made of a PIN, told, remembered and traced.
    private func pinRefused(_ error: CardError, _ id: String) async -> Refusal {
        guard var login = logins[id] else { return error.refusal }
        switch error {
        case .pinWrong(let left), .triesChanged(let left):
            login.state = .awaitingPIN
            show(&login, triesLeft: left)
            logins[id] = login
            await board.note(triesLeft: left, insertion: login.insertion.id)
            let refusal = Refusal(error.refusal.code, error.refusal.members.merging(consentMembers(login)) { first, _ in first })
            return await traced(refusal, trace(login, .pinRefused, .refused, refusal.code))
        case .pinBlocked:
            await board.note(triesLeft: 0, insertion: login.insertion.id)
            finish(id, .failed, error.refusal)
            return await traced(error.refusal, trace(login, .pinBlocked, .refused, .pinBlocked))
        default:
            return await failed(error.refusal, id)
        }
    }

    private func failed(_ refusal: Refusal, _ id: String) async -> Refusal {
        guard let login = logins[id] else { return refusal }
        finish(id, .failed, refusal)
        return await traced(refusal, trace(login, .loginFailed, .failed, refusal.code))
    }

    /// A login that did not begin.
    private func refused(
        _ refusal: Refusal, _ request: LoginRequest, _ caller: Caller,
        _ found: (view: ReaderView, insertion: Insertion, reading: CardReading)?
    ) async -> Refusal {
        var draft = TraceDraft(.loginRefused, .refused, at: time.now())
        draft.code = refusal.code.rawValue
        draft.client = caller.json
        draft.mode = Session.Mode.card.rawValue
        if let found {
            draft.reader = ["name": .string(found.view.reader.name), "insertion": .string(found.insertion.id)]
            draft.card = [
                "generation": .string(found.reading.content.identity.generation.rawValue),
                "serial": .string(found.reading.content.identity.serial.digits),
            ]
            // Claimed by a certificate that is not trusted; the outcome says so.
            draft.actor = found.reading.claimedHolder?.actor
        } else if let reader = request.reader {
            draft.reader = ["name": .string(String(reader.prefix(128)))]
        }
        return await traced(refusal, draft)
    }

    private func traced(_ refusal: Refusal, _ draft: TraceDraft) async -> Refusal {
        do throws(Refusal) { _ = try await commit([draft]) } catch { return error }
        return refusal
    }

    // MARK: Small things

    private func owned(_ id: String, _ caller: Caller) throws(Refusal) -> Login {
        guard let login = logins[id], login.caller.uid == caller.uid || caller.uid == 0 else { throw Refusal(.loginNotFound) }
        return login
    }

    private func show(_ login: inout Login, triesLeft: Int?) {
        login.triesShown = triesLeft
        login.lastTryConsent = triesLeft == 1 ? random.opaqueID() : nil
    }

    private func consentMembers(_ login: Login) -> [String: JSON] {
        var members: [String: JSON] = ["tries_left": login.triesShown.map { .int(Int64($0)) } ?? "unknown"]
        members["last_try_consent"] = login.lastTryConsent.map(JSON.string)
        return members
    }

    private func finish(_ id: String, _ state: Login.State, _ failure: Refusal?) {
        guard var login = logins[id] else { return }
        login.state = state
        login.failure = failure
        logins[id] = login
        hub.publish(Event(.login, login.json, uid: login.caller.uid))
        let over = logins.values.filter { $0.state != .awaitingPIN && $0.state != .verifying }
        guard over.count > Self.kept, let oldest = over.min(by: { $0.deadline < $1.deadline }) else { return }
        logins[oldest.id] = nil
    }

    private func trace(_ login: Login, _ event: TraceEvent, _ outcome: TraceOutcome, _ code: ErrorCode? = nil) -> TraceDraft {
        var draft = TraceDraft(event, outcome, at: time.now())
        draft.client = login.caller.json
        draft.actor = login.holder.actor
        (draft.reader, draft.card) = login.facts
        draft.mode = Session.Mode.card.rawValue
        draft.code = code?.rawValue
        return draft
    }

    private func commit(_ drafts: [TraceDraft]) async throws(Refusal) -> UInt64 {
        do throws(LedgerFailure) { return try await ledger.commit(drafts, []) } catch { throw Refusal(.traceUnavailable) }
    }
}
