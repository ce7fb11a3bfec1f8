internal import Audit
internal import CardDrivers
internal import Identity
internal import PKI
package import Primitives
package import Sessions
internal import Signatures
internal import SmartCard

/// Where a holder signs: in a session, with its card, one listed batch for one PIN. The same desk as that of the logins, since both need a
/// reader for themselves.
extension LoginDesk {
    /// Time for each signature beyond that for the PIN.
    private static let signatureTime = Duration.seconds(2)

    /// Begins a batch: from here on its documents and the PIN are awaited. Every refusal is traced.
    ///
    /// The signature certificate has to be trusted before any PIN is asked for, and to name the holder of the session.
    package func beginSignature(_ request: SignatureRequest, session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        let session = try await registry.signable(id, for: caller)
        if request.isStamped, settings.timestamps == nil {
            let refusal = Refusal(.timestampUnavailable, ["detail": "signatures.timestamp names no authority"])
            var draft = session.trace(.signatureRefused, .refused, at: time.now(), by: caller, code: refusal.code)
            draft.detail = .object(SignatureBatch(request: request).detail)
            throw await traced(refusal, draft)
        }
        let place = LoginRequest(reader: session.presence?.place.reader, token: nil, forUID: nil, resumes: nil)
        return try await begin(place, for: .sign(session, request), by: caller).signatureAnswer
    }

    package func signature(_ id: String, session: String, for caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        return try ownedSignature(id, session, caller).signatureAnswer
    }

    package func cancelSignature(_ id: String, session: String, by caller: Caller) async throws(Refusal) {
        try await cancel(id, try ownedSignature(id, session, caller).purpose, by: caller)
    }

    /// Whether this item waits for its document. Asked before the document is read.
    package func expectDocument(_ item: String, of id: String, session: String, by caller: Caller) async throws(Refusal) {
        await expire()
        _ = try awaiting(item, id, session, caller)
    }

    /// Takes the hash of a document; the batch waits for the others and for the PIN.
    package func give(
        _ document: DocumentDigest, item: String, of id: String, session: String, by caller: Caller
    ) async throws(Refusal) -> JSON {
        await expire()
        var (login, index) = try awaiting(item, id, session, caller)
        login.batch?.uploaded[index] = document
        logins[id] = login
        return login.signatureAnswer
    }

    /// Tries the PIN and has the whole batch signed, or nothing of it. At most one try of the card is spent, as at a login.
    ///
    /// The session has to be active when this begins and still when the card has signed. Every refusal is traced.
    package func sign(
        _ pin: consuming Secret, signature id: String, session: String, acceptLastTry: String?, by caller: Caller
    ) async throws(Refusal) -> JSON {
        await expire()
        do throws(Refusal) { _ = try ownedSignature(id, session, caller) } catch { throw await notTried(error, nil, caller) }
        _ = try await registry.signable(session, for: caller)
        let held = HeldCode(pin)
        let login: Login
        do throws(Refusal) {
            login = try admitSignature(held, id, acceptLastTry)
        } catch {
            throw await notTried(error, logins[id], caller)
        }
        let (orders, signedAt) = try await orders(of: login)
        let signatures = try await signed(orders.map(\.digest), held, login)
        let made = try await checked(signatures, orders, login)
        do throws(Refusal) { _ = try await registry.signableNow(session, for: caller) } catch { throw await failed(error, id) }
        do throws(Refusal) {
            _ = try await commit([Self.madeTrace(trace(login, .signatureMade, .granted), made)])
        } catch {
            throw await failed(error, id)
        }
        await registry.holderActed(session)
        logins[id]?.batch?.made = made
        logins[id]?.batch?.signedAt = signedAt
        finish(id, .done, nil)
        return try ownedSignature(id, session, caller).signatureAnswer
    }

    // MARK: Beginning

    /// What a batch shows and stakes: the certificate it will be signed with, and the tries of the PIN that guards the key.
    func prepareSignature(
        _ batch: SignatureRequest, _ session: Session, _ purpose: Purpose, _ request: LoginRequest, _ caller: Caller,
        _ found: (view: ReaderView, insertion: Insertion, reading: CardReading)
    ) async throws(Refusal) -> Login {
        let (insertion, content) = (found.insertion, found.reading.content)
        let reading: CPSCard.SignatureReading
        do throws(CardError) {
            reading = try await access.transaction(with: insertion, rereads: true, deadline: CardBoard.readDeadline) {
                channel throws(CardError) in try CPSCard(channel, atr: insertion.atr).readSignature(content)
            }
        } catch {
            if error == .cardDiffers { await board.doubt(found.reading, insertion) }
            throw error.refusal
        }
        let now = time.now()
        let (certificate, revocation): (VerifiedCertificate, Session.Revocation)
        do throws(CertificateRefusal) {
            (certificate, revocation) = try await trust.checkSignature(reading.certificate, at: now)
        } catch {
            throw error.refusal
        }
        guard let holder = try? Holder(certificate) else { throw Refusal(.certificateMalformed) }
        guard holder.nationalID == session.holder.nationalID else {
            throw Refusal(.certificateUntrusted, ["detail": "the signature certificate names another person than the session"])
        }
        guard reading.pin.triesLeft != 0 else { throw Refusal(.pinBlocked, ["tries_left": 0]) }
        var login = Login(
            id: random.opaqueID(), purpose: purpose, caller: caller, request: request, view: found.view, insertion: insertion,
            reading: found.reading, certificate: certificate, revocation: revocation, holder: holder, situations: [], profile: nil,
            scopes: [],
            batch: SignatureBatch(request: batch), expiresAt: now.advanced(bySeconds: Login.life),
            deadline: time.sinceBoot() + .seconds(Login.life))
        show(&login, triesLeft: reading.pin.triesLeft)
        return login
    }

    private func ownedSignature(_ id: String, _ session: String, _ caller: Caller) throws(Refusal) -> Login {
        guard let login = logins[id], login.batch != nil, login.purpose.session?.id == session else { throw Refusal(.loginNotFound) }
        return try owned(id, caller, login.purpose)
    }

    private func awaiting(
        _ item: String, _ id: String, _ session: String, _ caller: Caller
    ) throws(Refusal) -> (login: Login, index: Int) {
        let login = try ownedSignature(id, session, caller)
        try caller.client.check(.sign)
        guard let batch = login.batch, let index = Int(item), batch.request.items.indices.contains(index), String(index) == item else {
            throw Refusal(.notFound)
        }
        if let refusal = login.refusal { throw refusal }
        guard batch.digest(of: index) == nil else { throw Refusal(.loginState) }
        return (login, index)
    }

    // MARK: Signing

    /// Decides whether a PIN goes to the card, and if so keeps every other PIN and document from the batch. Nothing else runs in between.
    private func admitSignature(_ pin: HeldCode, _ id: String, _ acceptLastTry: String?) throws(Refusal) -> Login {
        guard var login = logins[id], let batch = login.batch, let object = login.reading.content.signature?.pin else {
            throw Refusal(.loginNotFound)
        }
        if let refusal = login.refusal { throw refusal }
        guard batch.missing.isEmpty else {
            throw Refusal(.documentMissing, ["awaits": .array(batch.missing.map { .string("documents/\($0)") })])
        }
        guard CPSCard.isWellFormed(pin.secret, for: object) else { throw Refusal(.pinFormat) }
        try stake(&login, acceptLastTry)
        return login
    }

    private func orders(of login: Login) async throws(Refusal) -> ([SignatureOrder], Timestamp) {
        let now = time.now()
        do throws(SignatureFailure) {
            return (try login.batch?.orders(login.certificate, at: now) ?? [], now)
        } catch {
            throw await failed(Refusal(.internalError), login.id)
        }
    }

    private func signed(_ digests: [[UInt8]], _ pin: HeldCode, _ login: Login) async throws(Refusal) -> [[UInt8]] {
        let (insertion, content, shown, afterUse) = (login.insertion, login.reading.content, login.triesShown, settings.afterUse)
        let deadline = Self.pinDeadline + Self.signatureTime * digests.count
        let signatures: [[UInt8]]
        do throws(CardError) {
            signatures = try await access.transaction(with: insertion, rereads: false, deadline: deadline) {
                channel throws(CardError) in
                try CPSCard(channel, atr: insertion.atr).sign(
                    content, pin: pin.secret, triesShown: shown, digests: digests, afterUse: afterUse)
            }
        } catch {
            throw await refusedByCard(error, login)
        }
        if login.stakesHolderPIN { await board.note(triesLeft: nil, insertion: insertion.id) }
        return signatures
    }

    /// Nothing is given out that does not fit the certificate. What the authority does not stamp is given out without.
    private func checked(
        _ signatures: [[UInt8]], _ orders: [SignatureOrder], _ login: Login
    ) async throws(Refusal) -> [MadeSignature] {
        let pairs = Array(zip(orders, signatures))
        guard pairs.count == orders.count, pairs.allSatisfy({ login.certificate.hasSigned($0.digest, $1) }) else {
            throw await failed(Refusal(.proofInvalid), login.id)
        }
        let isStamped = login.batch?.request.isStamped ?? false
        let stamps = isStamped ? await settings.timestamps?.stamps(of: signatures) ?? [] : []
        do throws(SignatureFailure) {
            var made: [MadeSignature] = []
            for (index, (order, signature)) in pairs.enumerated() {
                made.append(try order.fulfilled(signature, index < stamps.count ? stamps[index] : nil))
            }
            return made
        } catch {
            throw await failed(Refusal(.internalError), login.id)
        }
    }

    /// The trace names what was given out by its hash too, so that a file found later can be told to be it.
    private static func madeTrace(_ draft: TraceDraft, _ made: [MadeSignature]) -> TraceDraft {
        guard case .object(var members)? = draft.detail else { return draft }
        members["signatures"] = .array(made.map(\.traceJSON))
        var draft = draft
        draft.detail = .object(members)
        return draft
    }
}
