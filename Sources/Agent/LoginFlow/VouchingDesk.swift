internal import Audit
internal import Identity
package import Primitives
package import Sessions

/// Where a colleague lets somebody in who stands beside them without a card: in the colleague's own session, by their card and PIN given
/// afresh, as for a login. The same desk as that of the logins, since both need a reader for themselves.
extension LoginDesk {
    /// Begins a vouching: from here on the colleague's PIN is awaited. Every refusal is traced.
    package func beginVouching(_ vouching: Vouching, session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        let session: Session
        do throws(Refusal) {
            try caller.checkLogin(for: vouching.forUID, vouching.token)
            try registry.settings.degraded.check(reason: vouching.reason, note: vouching.note)
            session = try await registry.cardSession(id, for: caller)
            try await check(vouching, by: session)
        } catch {
            throw await notVouched(error, vouching, id, caller)
        }
        let place = LoginRequest(reader: session.presence?.place.reader, token: nil, forUID: nil, resumes: nil)
        return try await begin(place, for: .vouch(session, vouching), by: caller).vouchingAnswer
    }

    package func vouching(_ id: String, for caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        return try ownedVouching(id, caller).login.vouchingAnswer
    }

    package func cancelVouching(_ id: String, by caller: Caller) async throws(Refusal) {
        try await cancel(id, try ownedVouching(id, caller).login.purpose, by: caller)
    }

    /// Tries the colleague's PIN, and opens the session of the person they vouch for. At most one try of the card is spent, as at a login.
    ///
    /// The colleague's session has to be active when this begins and still when the card has signed. Every refusal is traced.
    package func vouch(
        _ pin: consuming Secret, vouching id: String, acceptLastTry: String?, by caller: Caller
    ) async throws(Refusal) -> (session: Session, token: IssuedToken?) {
        await expire()
        let (session, vouching): (Session, Vouching)
        do throws(Refusal) {
            (_, session, vouching) = try ownedVouching(id, caller)
            _ = try await registry.cardSession(session.id, for: caller)
        } catch {
            throw await notTried(error, logins[id], caller)
        }
        let (login, verified) = try await prove(.given(pin), id, acceptLastTry, caller)
        do throws(Refusal) {
            _ = try await registry.cardSession(session.id, for: caller)
        } catch {
            throw await failed(error, id, after: [verified])
        }
        let holder = vouching.holder(isTest: session.holder.isTest)
        let admission: DegradedAdmission
        do throws(Refusal) { admission = try await self.admission(vouching, holder, by: session, caller) } catch {
            throw await failed(error, id, after: [verified])
        }
        var vouched = trace(login, .degradedVouched, .granted)
        vouched.reason = vouching.reason
        vouched.detail = .object(vouching.members.merging(["session": .string(admission.id)]) { own, _ in own })
        do throws(OpeningRefusal) {
            let opened = try await registry.open(admission, traces: [verified, vouched], by: caller, token: vouching.token)
            await registry.holderActed(session.id)
            logins[id]?.session = opened.session.id
            finish(id, .done, nil)
            await settings.emergencies?.began(opened.emergency)
            return (opened.session, opened.token)
        } catch {
            throw await failed(error.refusal, id, after: error.isTraced ? [] : [verified])
        }
    }

    private func admission(
        _ vouching: Vouching, _ holder: Holder, by session: Session, _ caller: Caller
    ) async throws(Refusal) -> DegradedAdmission {
        let situations = try await directory.situations(for: holder)
        let colleague = session.holder.nationalID.text
        return DegradedAdmission(
            id: random.opaqueID(), holder: holder,
            entry: Session.DegradedEntry(
                origin: .vouched, account: nil, madeBy: colleague, confirmedBy: nil, reason: vouching.reason, note: vouching.note),
            makers: [colleague], situations: situations, profile: try situations.chosen(nil), uid: vouching.forUID ?? caller.uid,
            resumes: nil, life: vouching.life ?? registry.settings.degraded.vouched)
    }

    /// Whether this colleague may vouch for that person. What a directory knows of the person is not for the colleague to change.
    private func check(_ vouching: Vouching, by session: Session) async throws(Refusal) {
        guard vouching.nationalID != session.holder.nationalID else { throw Self.denied("nobody vouches for themself") }
        guard session.holder.role != nil else { throw Self.denied("only a health professional vouches") }
        let known: [Situation]
        do throws(LedgerFailure) {
            known = try await directory.situations(of: vouching.nationalID)
        } catch {
            throw Refusal(.traceUnavailable)
        }
        guard known.isEmpty || known.contains(where: { vouching.holder(isTest: false).mayWork(in: $0) }) else {
            throw Self.denied("the directory knows this person with another profession")
        }
    }

    private static func denied(_ detail: String) -> Refusal { Refusal(.vouchingDenied, ["detail": .string(detail)]) }

    private func ownedVouching(_ id: String, _ caller: Caller) throws(Refusal) -> (login: Login, session: Session, vouching: Vouching) {
        guard case .vouch(let session, let vouching)? = logins[id]?.purpose else { throw Refusal(.loginNotFound) }
        return (try owned(id, caller, .vouch(session, vouching)), session, vouching)
    }

    /// A vouching that did not begin.
    private func notVouched(_ refusal: Refusal, _ vouching: Vouching, _ session: String, _ caller: Caller) async -> Refusal {
        var draft = TraceDraft(.degradedRefused, .refused, at: time.now())
        draft.client = caller.json
        draft.code = refusal.code.rawValue
        draft.session = session.cut(toBytes: 64)
        if let colleague = try? await registry.session(session, for: caller) { draft.actor = colleague.holder.actor }
        // A note that was refused may be anything.
        draft.detail = .object(vouching.members.merging(refusal.members) { own, _ in own }.merging(["note": .null]) { _, new in new })
        return await traced(refusal, draft)
    }
}

extension Login {
    /// A vouching as the answer to its caller shows it, with the consent to a last try.
    var vouchingAnswer: JSON {
        guard case .vouch(let session, let vouching) = purpose, case .object(let members) = answer else { return .null }
        return .object(
            members.merging(vouching.members) { own, _ in own }.merging([
                "vouched_by": .string(session.id), "session": JSON(self.session),
            ]) { own, _ in own })
    }
}
