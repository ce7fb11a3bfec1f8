internal import Audit
package import Habilitation
internal import Identity
package import Primitives
package import Sessions

/// Letting in a device that reads a code on the screen of the workstation. The code is good once and for a minute; what the device gets,
/// it gets only when the practitioner has typed the two digits that it shows.
extension MobileDesk {
    /// Codes that one person may have shown in a minute.
    private static let mostShown = 6
    /// Pairings that are over are remembered for a while: a code that comes again has to be known.
    private static let kept = 256

    /// Has a code shown for a device, in an active card session whose certificate was found good; an earlier one of that session is
    /// given up. Every refusal is traced.
    ///
    /// - Parameters:
    ///   - scopes: the most that the device may have; empty for all that the person may have on a device.
    ///   - resource: the only service that its tokens may be for; `nil` for those of its program.
    ///   - life: seconds that its session may last; `nil` for the usual time.
    /// - Returns: the pairing, with the text of the code (`code_uri`), which no other answer has.
    package func pair(
        session id: String, scopes: [Scope], resource: String?, life: Int64?, by caller: Caller
    ) async throws(Refusal) -> JSON {
        await expire()
        let host: Session
        let pin: String
        do throws(Refusal) {
            host = try await registry.hostSession(id, for: caller)
            guard let listening = settings.listenerPin() else { throw Refusal(.mobileDisabled) }
            pin = listening
            try spendCode(host.holder.nationalID.text)
        } catch {
            throw await refused(error, id, by: caller, ["grant": "qr"])
        }
        let code = Base64URL.encode(random.bytes(16))
        var pairing = Pairing(
            id: random.opaqueID(), host: host, caller: caller, code: Digest.of(code), wish: Wish(scopes: scopes, resource: resource),
            life: life, deadline: time.sinceBoot() + .seconds(Pairing.life))
        do throws(LedgerFailure) {
            _ = try await ledger.commit([trace(pairing, .mobileRequested, .info, by: caller)], [])
        } catch {
            throw Refusal(.traceUnavailable)
        }
        for earlier in pairings.values where earlier.host.id == host.id && earlier.isOpen { await finish(earlier.id, .cancelled) }
        pairing.deadline = time.sinceBoot() + .seconds(Pairing.life)
        pairings[pairing.id] = pairing
        publish(pairing)
        return pairing.json(at: time.sinceBoot()).with("code_uri", .string(link(code, pin)))
    }

    package func pairing(_ id: String, for caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        return try owned(id, caller).json(at: time.sinceBoot())
    }

    /// The pairings under way that this user may see.
    package func openPairings(for caller: Caller) async -> [JSON] {
        await expire()
        let now = time.sinceBoot()
        return pairings.values.filter { !$0.isOver && isOwner(caller, $0) }.sorted { $0.id < $1.id }
            .map { $0.json(at: now) }
    }

    package func cancelPairing(_ id: String, by caller: Caller) async throws(Refusal) {
        await expire()
        guard try owned(id, caller).isOpen else { throw Refusal(.pairingState) }
        await finish(id, .cancelled)
    }

    /// Takes the two digits that the practitioner reads on the device. There is one try: wrong ones end the pairing and raise an alarm,
    /// since another device may have read the code. Every refusal is traced.
    package func confirm(_ digits: String, pairing id: String, by caller: Caller) async throws(Refusal) -> JSON {
        await expire()
        let (pairing, asker): (Pairing, Pairing.Asker)
        do throws(Refusal) {
            _ = try await registry.hostSession(try owned(id, caller).host.id, for: caller)
            let found = try owned(id, caller)
            guard found.state == .redeemed, let redeemer = found.asker else { throw Refusal(.pairingState) }
            (pairing, asker) = (found, redeemer)
        } catch {
            throw await refused(error, nil, by: caller, ["grant": "qr", "pairing": .string(id.cut(toBytes: 64))])
        }
        guard digits == asker.digits else {
            await alarm(.wrongDigits, pairing: id, by: caller)
            throw Refusal(.pairingDigits)
        }
        pairings[id]?.state = .confirming
        do throws(LedgerFailure) {
            _ = try await ledger.commit([trace(pairing, .mobileApproved, .granted, by: caller)], [])
        } catch {
            end(id, .failed, .traceUnavailable)
            throw Refusal(.traceUnavailable)
        }
        // Another redemption may have come meanwhile.
        guard var confirmed = pairings[id], confirmed.state == .confirming else { throw Refusal(.pairingState) }
        confirmed.state = .confirmed
        confirmed.deadline = time.sinceBoot() + .seconds(Pairing.life)
        pairings[id] = confirmed
        publish(confirmed)
        return try owned(id, caller).json(at: time.sinceBoot())
    }

    // MARK: The device

    /// Answers a device that redeems a code, or comes again for its tokens.
    func redeem(_ code: String, digits: String, _ request: MobileRequest) async throws(MobileRefusal) -> MobileTokens {
        await expire()
        let isForm = digits.utf8.count == 2 && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isForm, code.utf8.count <= Self.longestCode else {
            throw await refused(MobileRefusal(.invalidRequest, "the tx_code is two digits"), request, ["grant": "qr"])
        }
        let (digest, asker) = (Digest.of(code), Pairing.Asker(request, digits: digits))
        guard let pairing = pairings.values.first(where: { $0.code == digest }) else {
            throw await refused(MobileRefusal(.invalidGrant, "unknown code"), request, ["grant": "qr"])
        }
        let known: [String: JSON] = ["grant": "qr", "pairing": .string(pairing.id)]
        guard !lostKeys.contains(request.thumbprint) else {
            if pairing.isOpen { await alarm(.lostDevice, pairing: pairing.id, by: request.caller(device: nil)) }
            throw await refused(MobileRefusal(.invalidGrant, ErrorCode.deviceLost.rawValue), request, known)
        }
        switch pairing.state {
        case .shown: throw await take(pairing, asker, request)
        case .redeemed, .confirming, .confirmed, .opening, .done:
            let isSame = pairing.asker.map(asker.isSame) ?? false
            if isSame, pairing.state == .redeemed || pairing.state == .confirming { throw MobileRefusal(.authorizationPending) }
            if isSame, pairing.state == .confirmed { return try await open(pairing, request) }
            await alarm(isSame ? .codeReused : .codeShared, pairing: pairing.id, by: request.caller(device: nil), asker)
        case .failed, .cancelled, .expired: break
        }
        throw await refused(MobileRefusal(.invalidGrant, "the code is over"), request, known)
    }

    /// Longer than any code, in bytes.
    static let longestCode = 128

    /// The first redemption: from here on the code is this device's.
    private func take(_ pairing: Pairing, _ asker: Pairing.Asker, _ request: MobileRequest) async -> MobileRefusal {
        var taken = pairing
        taken.asker = asker
        taken.state = .redeemed
        taken.deadline = time.sinceBoot() + .seconds(Pairing.life)
        pairings[pairing.id] = taken
        do throws(LedgerFailure) {
            _ = try await ledger.commit([trace(taken, .mobileRedeemed, .info, by: request.caller(device: nil))], [])
        } catch {
            end(pairing.id, .failed, .traceUnavailable)
            return MobileRefusal(.temporarilyUnavailable)
        }
        if let current = pairings[pairing.id] { publish(current) }
        return MobileRefusal(.authorizationPending)
    }

    private func open(_ pairing: Pairing, _ request: MobileRequest) async throws(MobileRefusal) -> MobileTokens {
        pairings[pairing.id]?.state = .opening
        let opened: MobileTokens
        do throws(Refusal) {
            opened = try await letIn(
                Admitted(
                    grant: .code, host: pairing.host.id, caller: pairing.caller, wish: pairing.wish, life: pairing.life,
                    deviceName: pairing.asker?.name ?? request.shownName, authenticatedAt: pairing.host.openedAt), request)
        } catch {
            pairings[pairing.id]?.state = .confirmed
            await finish(pairing.id, .failed, error.code, by: request.caller(device: nil))
            throw MobileRefusal(error)
        }
        // Another redemption may have come meanwhile: nobody knows then whose device it is.
        guard pairings[pairing.id]?.state == .opening else {
            await registry.end([opened.session], .revoked, by: nil)
            throw MobileRefusal(.invalidGrant, "the code is over")
        }
        pairings[pairing.id]?.session = opened.session
        end(pairing.id, .done, nil)
        return opened
    }

    // MARK: Ends

    /// Ends pairings whose time is over, and those whose card session no device may come from any more.
    func expire() async {
        for id in pairings.keys {
            guard let pairing = pairings[id], pairing.isOpen else { continue }
            if time.sinceBoot() >= pairing.deadline {
                await finish(pairing.id, .expired)
                continue
            }
            do throws(Refusal) {
                _ = try await registry.hostSession(pairing.host.id, for: pairing.caller)
            } catch {
                await finish(pairing.id, .failed, error.code)
            }
        }
    }

    /// Ends a pairing that is open, tells of it and writes it.
    private func finish(_ id: String, _ state: Pairing.State, _ code: ErrorCode? = nil, by caller: Caller? = nil) async {
        guard let pairing = pairings[id], pairing.isOpen else { return }
        end(id, state, code)
        let event: TraceEvent = state == .cancelled ? .mobileCancelled : state == .expired ? .mobileExpired : .mobileFailed
        var draft = trace(pairing, event, state == .failed ? .failed : .info, by: caller ?? pairing.caller)
        draft.code = code?.rawValue
        await registry.record([draft], as: .ending)
    }

    private func end(_ id: String, _ state: Pairing.State, _ code: ErrorCode?) {
        pairings[id]?.state = state
        pairings[id]?.failure = code
        if let pairing = pairings[id] { publish(pairing) }
        let over = pairings.values.filter(\.isOver)
        guard over.count > Self.kept, let oldest = over.min(by: { $0.deadline < $1.deadline }) else { return }
        pairings[oldest.id] = nil
    }

    /// Ends a pairing, and the session that came of it.
    private func alarm(_ reason: Alarm, pairing id: String, by caller: Caller, _ other: Pairing.Asker? = nil) async {
        guard let pairing = pairings[id] else { return }
        end(id, .failed, reason == .wrongDigits ? .pairingDigits : .pairingState)
        var detail = pairing.members
        detail["other_thumbprint"] = other.map { .string($0.thumbprint) }
        await alarm(reason, session: pairing.session, of: pairing.host, by: caller, detail)
    }

    // MARK: Small things

    private func owned(_ id: String, _ caller: Caller) throws(Refusal) -> Pairing {
        guard let pairing = pairings[id], isOwner(caller, pairing) else { throw Refusal(.pairingNotFound) }
        return pairing
    }

    private func isOwner(_ caller: Caller, _ pairing: Pairing) -> Bool { caller.uid == pairing.host.uid || caller.uid == 0 }

    private func spendCode(_ person: String) throws(Refusal) {
        let now = time.sinceBoot()
        let recent = shown[person, default: []].filter { now - $0 < Self.minute }
        if recent.count >= Self.mostShown, let first = recent.first {
            let left = (Self.minute - (now - first)).components.seconds
            throw Refusal(.rateLimited, ["retry_after": .int(max(1, left))])
        }
        shown[person] = recent + [now]
    }

    private func link(_ code: String, _ pin: String) -> String {
        "cps-agent://pair?issuer=\(PercentCode.encoded(settings.issuer))&code=\(code)&pin=\(pin)"
    }

    private func publish(_ pairing: Pairing) {
        hub.publish(Event(.mobile, pairing.json(at: time.sinceBoot()), uid: pairing.host.uid))
    }

    private func trace(_ pairing: Pairing, _ event: TraceEvent, _ outcome: TraceOutcome, by caller: Caller) -> TraceDraft {
        var draft = pairing.host.trace(event, outcome, at: time.now(), by: caller)
        draft.detail = .object(pairing.members)
        return draft
    }
}
