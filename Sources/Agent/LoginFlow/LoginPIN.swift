internal import Audit
internal import CardDrivers
internal import Habilitation
internal import Identity
internal import PKI
package import Primitives
package import Sessions
internal import SmartCard
internal import Tokens

extension LoginDesk {
    /// Tries the PIN. At most one try of the card is spent, and none but on the card that was found, with its tries as they were shown.
    ///
    /// Every refusal is traced. From the moment that the card may be asked until the outcome is written, the login takes no other PIN.
    package func enterPIN(
        _ pin: consuming Secret, login id: String, acceptLastTry: String?, by caller: Caller
    ) async throws(Refusal) -> (session: Session, token: IssuedToken?) {
        try await openSession(.given(pin), id, acceptLastTry, caller)
    }

    func openSession(
        _ pin: consuming PINSource, _ id: String, _ acceptLastTry: String?, _ caller: Caller
    ) async throws(Refusal) -> (session: Session, token: IssuedToken?) {
        await expire()
        do throws(Refusal) { _ = try owned(id, caller) } catch { throw await notTried(error, nil, caller) }
        let (login, verified) = try await prove(pin, id, acceptLastTry, caller)
        return try await open(login, verified)
    }

    /// Has the card verify the PIN and sign a challenge, and checks what it signed.
    ///
    /// - Returns: with the login, the trace of the verification and its evidence, to be written with what it allows.
    func prove(
        _ pin: consuming PINSource, _ id: String, _ acceptLastTry: String?, _ caller: Caller
    ) async throws(Refusal) -> (login: Login, verified: TraceDraft) {
        var login: Login
        let isPossible = pin.isKeypad ? await board.hasKeypad(logins[id]?.view.reader.name) : true
        do throws(Refusal) {
            guard isPossible else { throw Refusal(.keypadUnavailable) }
            login = try admit(pin, id, acceptLastTry, caller)
        } catch {
            throw await notTried(error, logins[id], caller)
        }
        let challenge = try await challenge(login)
        let (insertion, content, shown) = (login.insertion, login.reading.content, login.triesShown)
        let afterUse = settings.afterUse
        let source = pin
        let isKeypad = source.isKeypad
        let readsObjects = settings.readsProtectedObjects && login.purpose == .login
        let deadline = source.deadline + (readsObjects ? CardBoard.objectsDeadline : .zero)
        let signature: [UInt8]
        let start = time.awake()
        do throws(CardError) {
            (signature, login.protectedObjects) = try await access.transaction(with: insertion, rereads: false, deadline: deadline) {
                channel throws(CardError) in
                let card = try CPSCard(channel, atr: insertion.atr)
                let signature =
                    switch source {
                    case .given(let secret):
                        try card.authenticate(content, pin: secret, triesShown: shown, digest: challenge.digest, afterUse: afterUse)
                    case .keypad:
                        try card.authenticateByKeypad(content, triesShown: shown, digest: challenge.digest, afterUse: afterUse)
                    }
                return (signature, readsObjects ? card.protectedDataObjects(content) : nil)
            }
        } catch {
            throw await refusedByCard(error, login)
        }
        if !isKeypad { settings.cardTime(time.awake() - start) }
        await board.note(triesLeft: nil, insertion: insertion.id)
        let verified = trace(login, .pinVerified, .granted)
        let proof: ProvenHolder
        do throws(ProofRefusal) {
            proof = try ProvenHolder.prove(certificate: login.certificate, challenge: challenge, signature: signature)
        } catch {
            await board.doubt(login.reading, login.insertion)
            throw await failed(Refusal(.proofInvalid), id, after: [verified])
        }
        var proven = verified
        proven.evidence = proof.evidence
        if let objects = login.protectedObjects { proven.detail = ["protected_objects": .int(Int64(objects.count))] }
        return (login, proven)
    }

    /// Decides whether a PIN goes to the card, and if so keeps every other PIN from it. Nothing else runs in between.
    private func admit(
        _ pin: borrowing PINSource, _ id: String, _ acceptLastTry: String?, _ caller: Caller
    ) throws(Refusal) -> Login {
        try caller.client.check(.login)
        guard var login = logins[id] else { throw Refusal(.loginNotFound) }
        if let refusal = login.refusal ?? login.lostRefusal { throw refusal }
        switch pin {
        case .given(let secret):
            guard CPSCard.isWellFormed(secret, for: login.reading.content.pin) else { throw Refusal(.pinFormat) }
        case .keypad: break
        }
        try stake(&login, acceptLastTry)
        return login
    }

    /// Keeps every other PIN from the card, unless the last try is at stake and nobody agreed to spend it.
    func stake(_ login: inout Login, _ acceptLastTry: String?) throws(Refusal) {
        if let consent = login.lastTryConsent, consent != acceptLastTry {
            show(&login, triesLeft: login.triesShown)
            logins[login.id] = login
            throw Refusal(.lastTryConsentRequired, login.triesMembers)
        }
        login.state = .verifying
        login.lastTryConsent = nil
        logins[login.id] = login
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

    private func open(
        _ login: Login, _ verified: TraceDraft
    ) async throws(Refusal) -> (session: Session, token: IssuedToken?) {
        let now = time.now()
        let session = Session(
            id: random.opaqueID(), state: login.isAwaitingProfile ? .profileRequired : .active,
            entry: .card(
                Session.Presence(
                    place: Session.Place(
                        reader: login.view.reader.name, readerKind: login.view.reader.kind.rawValue, insertion: login.insertion.id),
                    card: Session.Card(
                        generation: login.reading.content.identity.generation.rawValue, type: login.holder.card.type?.rawValue,
                        serial: login.reading.content.identity.serial.digits),
                    revocation: login.revocation)),
            uid: login.uid, resumes: login.request.resumes,
            holder: login.holder, supervisor: login.request.supervisor, situations: login.situations, profile: login.profile,
            scopes: login.scopes,
            acr: login.revocation.rights.acr(issuer: settings.issuer), amr: ["sc", "pin", "mfa", "hwk"],
            openedAt: now, expiresAt: now.advanced(bySeconds: settings.longestSession))
        var opening = verified
        opening.session = session.id
        let chosen = login.request.profile.map { _ in session.choosing(at: now, by: login.caller, before: nil) }
        let token = login.isAwaitingProfile ? nil : login.request.token
        let lifting = login.lifting(in: session, at: now)
        do throws(OpeningRefusal) {
            let opened = try await registry.open(
                session, traces: [opening] + [chosen].compactMap(\.self) + lifting.drafts, effects: lifting.effects, by: login.caller,
                token: token, emergency: login.request.emergency)
            if login.isLifting, let lost = login.lost { registry.lostCards.drop(lost.serial) }
            await keep(SessionCard(certificate: login.certificate.der, protectedObjects: login.protectedObjects), session.id)
            logins[login.id]?.session = session.id
            finish(login.id, login.isAwaitingProfile ? .awaitingProfile : .done, nil)
            return opened
        } catch {
            throw await failed(error.refusal, login.id, after: error.isTraced ? [] : [verified])
        }
    }

    // MARK: Refusals

    /// A PIN that did not go to the card.
    func notTried(_ refusal: Refusal, _ login: Login?, _ caller: Caller) async -> Refusal {
        var draft = login.map { trace($0, .pinRefused, .refused, refusal.code) } ?? TraceDraft(.pinRefused, .refused, at: time.now())
        draft.code = refusal.code.rawValue
        draft.client = caller.json
        return await traced(refusal, draft)
    }

    /// What the card made of a PIN: traced, remembered, told. Until it is traced the login takes no other PIN.
    func refusedByCard(_ error: CardError, _ login: Login) async -> Refusal {
        let refusal = error.refusal
        switch error {
        case .pinWrong(let left), .triesChanged(let left), .pukWrong(let left):
            if login.stakesHolderPIN { await board.note(triesLeft: left, insertion: login.insertion.id) }
            return await awaitAnother(refusal, login, triesLeft: left)
        case .keypadTimeout, .keypadCancelled, .keypadMismatch, .keypadUnavailable, .pinFormat:
            return await notEntered(refusal, login)
        case .pinBlocked, .pukBlocked, .pukExhausted:
            if error == .pinBlocked, login.stakesHolderPIN { await board.note(triesLeft: 0, insertion: login.insertion.id) }
            let isWritten = await registry.record([trace(login, .pinBlocked, .refused, refusal.code)], as: .ending)
            finish(login.id, .failed, refusal)
            return isWritten ? refusal : Refusal(.traceUnavailable)
        default:
            // Whether the PIN reached the card is not known: the tries are read again before they are shown.
            await board.note(triesLeft: nil, insertion: login.insertion.id)
            if error == .cardDiffers { await board.doubt(login.reading, login.insertion) }
            return await failed(refusal, login.id)
        }
    }

    /// Traces a refusal after which the login goes on, with the tries as they are now.
    func awaitAnother(_ refusal: Refusal, _ login: Login, triesLeft: Int?) async -> Refusal {
        let isWritten = await registry.record([trace(login, .pinRefused, .refused, refusal.code)], as: .ending)
        var again = login
        again.state = .awaitingPIN
        again.codes = login.codes.filter { $0.key == .new }
        show(&again, triesLeft: triesLeft)
        logins[login.id] = again
        return isWritten ? Refusal(refusal.code, again.triesMembers) : Refusal(.traceUnavailable)
    }
}

extension Login {
    /// What a person must know before the next PIN.
    var triesMembers: [String: JSON] {
        var members: [String: JSON] = ["tries_left": triesShown.map { .int(Int64($0)) } ?? "unknown"]
        members["last_try_consent"] = lastTryConsent.map(JSON.string)
        return members
    }
}
