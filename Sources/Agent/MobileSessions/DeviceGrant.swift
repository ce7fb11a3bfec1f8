internal import Audit
internal import Identity
internal import LoginFlow
package import Primitives
package import Sessions

/// Letting in a device that shows a code (RFC 8628): its holder types it at the workstation, sees who asks, and gives card and PIN.
extension MobileDesk {
    /// Devices that may ask at a time, and from one network.
    private static let mostAsking = 256
    private static let mostOfNetwork = 8
    /// Requests of one network in ten minutes, and networks that are remembered.
    private static let mostAskedOfNetwork = 30
    private static let mostNetworks = 1024
    private static let askedWindow = Duration.seconds(600)
    /// Wrong codes that a user of the machine may type in ten minutes.
    private static let mostWrong = 5
    private static let wrongWindow = Duration.seconds(600)

    // MARK: The device

    /// Begins a device grant (RFC 8628 §3.1). An earlier one with the same key gives way.
    package func authorize(_ request: MobileRequest) async throws(MobileRefusal) -> DeviceAuthorization {
        try await admit(request)
        expireAskings()
        let grant: [String: JSON] = ["grant": "device"]
        guard !lostKeys.contains(request.thumbprint) else {
            throw await refused(MobileRefusal(.accessDenied, ErrorCode.deviceLost.rawValue), request, grant)
        }
        do throws(Refusal) { _ = try Wish(scopes: [], resource: nil).audience(request.resource, request.client) } catch {
            throw await refused(MobileRefusal(error), request, grant)
        }
        guard makeRoom(for: request) else { throw await refused(Self.tooMany, request, grant) }
        var userCode = UserCode.make(random)
        while askings.values.contains(where: { $0.userCode == userCode }) { userCode = UserCode.make(random) }
        let code = Base64URL.encode(random.bytes(32))
        let asking = Asking(
            id: random.opaqueID(), code: Digest.of(code), userCode: userCode, request: request, askedAt: time.now(),
            deadline: time.sinceBoot() + .seconds(Asking.life))
        askings[asking.id] = asking
        var draft = TraceDraft(.mobileRequested, .info, at: asking.askedAt)
        draft.client = request.caller(device: nil).json
        draft.detail = .object(asking.members)
        do throws(LedgerFailure) { _ = try await ledger.commit([draft], []) } catch {
            askings[asking.id] = nil
            throw MobileRefusal(.temporarilyUnavailable)
        }
        return DeviceAuthorization(
            deviceCode: code, userCode: UserCode.shown(userCode), expiresIn: Asking.life, interval: Asking.usualInterval)
    }

    /// Whether a device may begin. One that begins again takes the place of its own request and counts all the same: each is a trace.
    private func makeRoom(for request: MobileRequest) -> Bool {
        let now = time.sinceBoot()
        asked = asked.compactMapValues { times in
            let recent = times.filter { now - $0 < Self.askedWindow }
            return recent.isEmpty ? nil : recent
        }
        let recent = asked[request.network, default: []]
        guard recent.count < Self.mostAskedOfNetwork, asked.count < Self.mostNetworks || !recent.isEmpty else { return false }
        askings = askings.filter { !($0.value.isPending && $0.value.request.thumbprint == request.thumbprint) }
        // What is over is kept only to say so.
        if askings.count >= Self.mostAsking {
            askings = askings.filter { _, asking in asking.isRemembered || asking.isPending && now < asking.deadline }
        }
        let ofNetwork = askings.values.filter {
            $0.isPending && now < $0.deadline && $0.request.network == request.network
        }.count
        guard askings.count < Self.mostAsking, ofNetwork < Self.mostOfNetwork else { return false }
        asked[request.network, default: []].append(now)
        return true
    }

    /// Answers a device that comes for its tokens (RFC 8628 §3.5).
    func collect(_ code: String, _ request: MobileRequest) async throws(MobileRefusal) -> MobileTokens {
        let grant: [String: JSON] = ["grant": "device"]
        let digest = code.utf8.count <= Self.longestCode ? Digest.of(code) : ""
        guard let asking = askings.values.first(where: { $0.code == digest }) else {
            throw await refused(MobileRefusal(.invalidGrant, "unknown code"), request, grant)
        }
        let isSame = asking.request.thumbprint == request.thumbprint && asking.request.client.name == request.client.name
        if case .done(let session) = asking.state { throw await stolen(asking, session, isSame, request) }
        guard isSame, !lostKeys.contains(request.thumbprint) else { throw await stolen(asking, nil, isSame, request) }
        switch asking.state {
        case .pending:
            if let hasty = pace(asking) { throw hasty }
            guard time.sinceBoot() < asking.deadline else { throw await over(asking, .mobileExpired, .expiredToken, request) }
            throw MobileRefusal(.authorizationPending)
        case .denied:
            askings[asking.id] = nil
            throw await refused(MobileRefusal(.accessDenied), request, grant)
        case .failed: throw await refused(MobileRefusal(.invalidGrant, "the code is over"), request, grant)
        case .opening, .done: throw await stolen(asking, nil, isSame, request)
        case .approved(let admitted):
            guard time.sinceBoot() < asking.deadline else { throw await over(asking, .mobileExpired, .expiredToken, request) }
            return try await open(asking, admitted, request)
        }
    }

    /// Says `slow_down` to whom asks again too soon, and adds to the time that they have to wait (RFC 8628 §3.5).
    private func pace(_ asking: Asking) -> MobileRefusal? {
        let now = time.sinceBoot()
        let isHasty = asking.lastAsked.map { now - $0 < .seconds(asking.interval) } ?? false
        askings[asking.id]?.lastAsked = now
        if isHasty { askings[asking.id]?.interval += Asking.usualInterval }
        return isHasty ? MobileRefusal(.slowDown) : nil
    }

    private func open(_ asking: Asking, _ admitted: Admitted, _ request: MobileRequest) async throws(MobileRefusal) -> MobileTokens {
        askings[asking.id]?.state = .opening
        let opened: MobileTokens
        do throws(Refusal) {
            opened = try await letIn(admitted, request)
        } catch {
            let refusal = MobileRefusal(error)
            throw await over(asking, .mobileFailed, refusal.code, request, error.code)
        }
        guard case .opening? = askings[asking.id]?.state else {
            await registry.end([opened.session], .revoked, by: nil)
            throw MobileRefusal(.invalidGrant, "the code is over")
        }
        askings[asking.id]?.state = .done(opened.session)
        return opened
    }

    /// A device grant that ends without tokens.
    private func over(
        _ asking: Asking, _ event: TraceEvent, _ code: MobileRefusal.Code, _ request: MobileRequest, _ reason: ErrorCode? = nil
    ) async -> MobileRefusal {
        askings[asking.id]?.state = .failed
        var draft = TraceDraft(event, reason == nil ? .info : .failed, at: time.now())
        draft.client = request.caller(device: nil).json
        draft.code = reason?.rawValue
        draft.detail = .object(asking.members)
        await registry.record([draft], as: .ending)
        return MobileRefusal(code, reason?.rawValue)
    }

    /// Somebody else has the device code, or it comes again after its tokens.
    private func stolen(_ asking: Asking, _ session: String?, _ isSame: Bool, _ request: MobileRequest) async -> MobileRefusal {
        if case .failed = asking.state {
            return await refused(MobileRefusal(.invalidGrant, "the code is over"), request, ["grant": "device"])
        }
        askings[asking.id]?.state = .failed
        let reason: Alarm = lostKeys.contains(request.thumbprint) ? .lostDevice : isSame ? .codeReused : .codeShared
        await alarm(
            reason, session: session, of: nil, by: request.caller(device: nil),
            asking.members.merging(["other_thumbprint": .string(request.thumbprint)]) { own, _ in own })
        return MobileRefusal(.invalidGrant, "the code is over")
    }

    func expireAskings() {
        let now = time.sinceBoot()
        askings = askings.filter { now < $0.value.deadline + .seconds(Asking.life) }
    }

    // MARK: The workstation

    /// Begins to let in the device that shows a code: its holder's PIN is awaited. The answer says who asks. Every refusal is traced.
    package func beginApproval(userCode: String, session id: String, life: Int64?, by caller: Caller) async throws(Refusal) -> JSON {
        let (host, asking) = try await asked(userCode, id, caller)
        return try await logins.beginAdmitting(
            Admitting(request: asking.id, life: life, members: asking.members), session: host, by: caller)
    }

    package func approval(_ id: String, for caller: Caller) async throws(Refusal) -> JSON {
        try await logins.admitting(id, for: caller)
    }

    package func cancelApproval(_ id: String, by caller: Caller) async throws(Refusal) {
        try await logins.cancelAdmitting(id, by: caller)
    }

    /// Tries the PIN; the device gets its tokens when it comes for them next.
    package func approve(
        _ pin: consuming Secret, approval id: String, acceptLastTry: String?, by caller: Caller
    ) async throws(Refusal) -> JSON {
        let (host, admitting) = try await logins.admit(pin, admitting: id, acceptLastTry: acceptLastTry, by: caller)
        guard let asking = askings[admitting.request], asking.isPending, time.sinceBoot() < asking.deadline else {
            throw await refused(Refusal(.userCodeUnknown), host.id, by: caller, ["grant": "device"])
        }
        let admitted = Admitted(
            grant: .device, host: host.id, caller: caller, wish: Wish(scopes: asking.request.scopes, resource: asking.request.resource),
            life: admitting.life, deviceName: asking.request.shownName, authenticatedAt: time.now())
        askings[asking.id]?.state = .approved(admitted)
        publish(asking, "approved", host)
        return try await logins.admitting(id, for: caller)
    }

    /// Denies the device that shows a code.
    package func deny(userCode: String, session id: String, by caller: Caller) async throws(Refusal) {
        let (host, asking) = try await asked(userCode, id, caller)
        askings[asking.id]?.state = .denied
        var draft = host.trace(.mobileDenied, .refused, at: time.now(), by: caller)
        draft.detail = .object(asking.members)
        guard await registry.record([draft], as: .ending) else { throw Refusal(.traceUnavailable) }
        publish(asking, "denied", host)
    }

    /// The device that shows a code, for somebody in a session from which it may be let in.
    private func asked(_ typed: String, _ id: String, _ caller: Caller) async throws(Refusal) -> (Session, Asking) {
        do throws(Refusal) {
            let host = try await registry.hostSession(id, for: caller)
            let now = time.sinceBoot()
            let wrong = wrongCodes[caller.uid, default: []].filter { now - $0 < Self.wrongWindow }
            wrongCodes[caller.uid] = wrong.isEmpty ? nil : wrong
            if wrong.count >= Self.mostWrong, let first = wrong.first {
                throw Refusal(.rateLimited, ["retry_after": .int(max(1, (Self.wrongWindow - (now - first)).components.seconds))])
            }
            let code = UserCode.read(typed)
            guard let asking = askings.values.first(where: { $0.userCode == code && $0.isPending && now < $0.deadline }) else {
                wrongCodes[caller.uid] = wrong + [now]
                throw Refusal(.userCodeUnknown)
            }
            return (host, asking)
        } catch {
            throw await refused(error, id, by: caller, ["grant": "device"])
        }
    }

    private func publish(_ asking: Asking, _ state: String, _ host: Session) {
        let told = asking.members.merging(
            ["state": .string(state), "session": .string(host.id), "user_code": .string(UserCode.shown(asking.userCode))]) { own, _ in own }
        hub.publish(Event(.mobile, .object(told), uid: host.uid))
    }
}
