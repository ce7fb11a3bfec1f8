internal import Audit
internal import CardDrivers
internal import Identity
package import Primitives
package import Sessions
internal import SmartCard

extension LoginDesk {
    /// Ends a login that waits for its PIN.
    package func cancel(_ id: String, by caller: Caller) async throws(Refusal) { try await cancel(id, .login, by: caller) }

    func cancel(_ id: String, _ purpose: Purpose, by caller: Caller) async throws(Refusal) {
        let login = try owned(id, caller, purpose)
        guard login.state == .awaitingPIN else { throw Refusal(.loginState) }
        await giveUp(login)
    }

    /// Ends what waits for a code; it takes none from here on.
    func giveUp(_ login: Login) async {
        logins[login.id]?.state = .cancelled
        if let cancelled = login.purpose.cancelled { await registry.record([trace(login, cancelled, .info)], as: .ending) }
        finish(login.id, .cancelled, nil)
    }

    /// Ends logins whose minute has passed, and those whose card has left.
    package func expire() async {
        // Signatures are given out for as long as their attempt lives, should an answer be lost.
        for id in logins.values.filter({ $0.batch?.made.isEmpty == false && time.sinceBoot() >= $0.deadline }).map(\.id) {
            logins[id]?.batch?.made = []
        }
        if logins.values.contains(where: { $0.state == .awaitingProfile }) {
            let live = await registry.liveIDs
            for login in logins.values where login.state == .awaitingProfile && !live.contains(login.session ?? "") {
                finish(login.id, .done, nil)
            }
        }
        for id in logins.values.filter({ $0.state == .awaitingPIN }).map(\.id) {
            guard let insertion = logins[id]?.insertion.id else { continue }
            let isGone = await !registry.isLive(insertion)
            // A PIN may have come meanwhile.
            guard let login = logins[id], login.state == .awaitingPIN, isGone || time.sinceBoot() >= login.deadline else { continue }
            let (state, code): (Login.State, ErrorCode) = isGone ? (.failed, .cardRemoved) : (.expired, .loginExpired)
            logins[id]?.state = state
            logins[id]?.failure = Refusal(code)
            if let event = isGone ? login.purpose.failed : login.purpose.expired {
                await registry.record([trace(login, event, isGone ? .failed : .info, code)], as: .ending)
            }
            finish(id, state, Refusal(code))
        }
    }

    /// Ends a login that cannot go on, unless it is over. It takes no PIN while that is being written.
    ///
    /// - Parameter facts: what has happened on the card and is to be written with it.
    func failed(_ refusal: Refusal, _ id: String, after facts: [TraceDraft] = []) async -> Refusal {
        guard let login = logins[id], login.isOpen else { return refusal }
        logins[id]?.state = .verifying
        let isWritten = await registry.record(facts + [trace(login, login.purpose.failed, .failed, refusal.code)], as: .ending)
        let told = isWritten ? refusal : Refusal(.traceUnavailable)
        finish(id, .failed, told)
        return told
    }

    /// A login that did not begin.
    func refused(
        _ refusal: Refusal, _ purpose: Purpose, _ request: LoginRequest, _ caller: Caller,
        _ found: (view: ReaderView, insertion: Insertion, reading: CardReading)?
    ) async -> Refusal {
        var draft = TraceDraft(purpose.refused, .refused, at: time.now())
        draft.session = purpose.session?.id
        draft.code = refusal.code.rawValue
        draft.client = caller.json
        draft.mode = Session.Mode.card.rawValue
        let detail = refusal.members.merging(purpose.detail) { member, _ in member }
        if !detail.isEmpty { draft.detail = .object(detail) }
        if let found {
            draft.reader = ["name": .string(found.view.reader.name), "insertion": .string(found.insertion.id)]
            draft.card = [
                "generation": .string(found.reading.content.identity.generation.rawValue),
                "serial": .string(found.reading.content.identity.serial.digits),
            ]
            // Claimed by a certificate that is not trusted; the outcome says so.
            draft.actor = found.reading.claimedHolder?.actor
        } else if let reader = request.reader {
            draft.reader = ["name": .string(reader.cut(toBytes: 128))]
        }
        return await traced(refusal, draft)
    }

    /// A refusal once it is written, else that it cannot be.
    func traced(_ refusal: Refusal, _ draft: TraceDraft) async -> Refusal {
        do throws(Refusal) { try await registry.refusals.write(draft) } catch { return error }
        return refusal
    }

    /// Brings a login to its end and tells listeners; forgets the oldest of those that are over.
    func finish(_ id: String, _ state: Login.State, _ failure: Refusal?) {
        logins[id]?.state = state
        logins[id]?.failure = failure
        logins[id]?.lastTryConsent = nil
        logins[id]?.codes = [:]
        publish(id)
        let over = logins.values.filter { !$0.isOpen }
        guard over.count > Self.kept, let oldest = over.min(by: { $0.deadline < $1.deadline }) else { return }
        logins[oldest.id] = nil
    }
}
