internal import Habilitation
internal import Identity
internal import LoginFlow
internal import Primitives
internal import Sessions

/// A device that the practitioner has let in.
struct Admitted: Sendable {
    let grant: Session.MobileEntry.Grant
    /// Id of the card session, and the program that let the device in there.
    let host: String
    let caller: Caller
    let wish: Wish
    let life: Int64?
    /// As the practitioner saw it.
    let deviceName: String
    /// When the holder gave card and PIN.
    let authenticatedAt: Timestamp
}

extension MobileDesk {
    /// Opens the session of a device, with its first token. Session, token, device and what its refresh tokens hang on are one commit. An
    /// earlier session of this person on the device is replaced.
    func letIn(_ admitted: Admitted, _ request: MobileRequest) async throws(Refusal) -> MobileTokens {
        let host = try await registry.hostSession(admitted.host, for: admitted.caller)
        guard !lostKeys.contains(request.thumbprint) else { throw Refusal(.deviceLost) }
        guard let certificate = await logins.certificate(of: host.id) else { throw Refusal(.cardRemoved) }
        let (person, now) = (host.holder.nationalID.text, time.now())
        let scopes = try admitted.wish.narrowed(to: request.scopes)
        let audience = try admitted.wish.audience(request.resource, request.client)
        let known = devices[Device.id(person, request.thumbprint)]
        let device = Device(
            person: person, name: admitted.deviceName, thumbprint: request.thumbprint, client: request.client.name,
            firstSeen: known?.firstSeen ?? now, lastUsed: now)
        try await enter(device)
        defer { leave(device) }
        let family = Family(
            session: random.opaqueID(), person: person, device: device.id, client: device.client, thumbprint: device.thumbprint,
            scopes: scopes, audience: audience, isForOneService: admitted.wish.resource != nil, generation: 0, certificate: certificate)
        guard let card = host.card, let revocation = host.revocation, let insertion = host.presence?.place.insertion else {
            throw Refusal(.cardSessionRequired)
        }
        let caller = request.caller(device: device.id)
        let opened: (session: Session, token: IssuedToken?)
        do throws(OpeningRefusal) {
            opened = try await registry.open(
                MobileAdmission(
                    id: family.session,
                    entry: Session.MobileEntry(
                        grant: admitted.grant, device: device.id, deviceName: device.name, thumbprint: device.thumbprint,
                        client: device.client, openedBy: host.id, insertion: insertion, authenticatedAt: admitted.authenticatedAt,
                        card: card, revocation: revocation),
                    life: admitted.life),
                traces: [], effects: [.keep(family.record), .keep(device.record)], by: caller,
                token: TokenRequest(audience: audience, scopes: scopes, ttl: nil, keyThumbprint: request.thumbprint))
        } catch {
            throw error.refusal
        }
        await logins.watch(certificate, of: family.session)
        guard let token = opened.token else {
            await registry.end([family.session], .revoked, by: nil)
            throw Refusal(.internalError)
        }
        let earlier = await registry.mobileSessions.filter { $0.mobile?.device == device.id && $0.id != family.session }
        await registry.end(earlier.map(\.id), .replaced, by: caller)
        // The device may have been reported lost meanwhile.
        guard !lostKeys.contains(request.thumbprint) else {
            await registry.end([family.session], .revoked, by: nil)
            throw Refusal(.deviceLost)
        }
        families[family.session] = family
        devices[device.id] = device
        return await tokens(token, family)
    }

    /// What a device receives.
    func tokens(_ token: IssuedToken, _ family: Family) async -> MobileTokens {
        MobileTokens(
            accessToken: token.accessToken, expiresIn: token.expiresIn, scopes: token.scopes,
            refreshToken: RefreshToken(session: family.session, generation: family.generation).text(key), session: family.session,
            sessionExpiresIn: await registry.secondsLeft(family.session))
    }

    /// Counts a device among those that its holder uses now. An earlier session of the same device counts as the same.
    private func enter(_ device: Device) async throws(Refusal) {
        let used = await registry.mobileSessions.filter { $0.holder.nationalID.text == device.person }.compactMap { $0.mobile?.device }
        let others = Set(used + entering[device.person, default: []]).subtracting([device.id])
        guard others.count < rules.devices else { throw Refusal(.deviceLimit, ["limit": .int(Int64(rules.devices))]) }
        entering[device.person, default: []].append(device.id)
    }

    private func leave(_ device: Device) {
        guard let index = entering[device.person]?.firstIndex(of: device.id) else { return }
        entering[device.person]?.remove(at: index)
        if entering[device.person]?.isEmpty == true { entering[device.person] = nil }
    }
}

extension MobileRefusal {
    /// What a device hears when a rule of the agent does not let it.
    init(_ refusal: Refusal) {
        switch refusal.code {
        case .scopeDenied: self.init(.invalidScope, refusal.members["scope"]?.string)
        case .audienceRequired: self.init(.invalidTarget, "resource is missing")
        case .audienceDenied: self.init(.invalidTarget)
        case .traceUnavailable, .agentStopping, .rateLimited: self.init(.temporarilyUnavailable)
        case .internalError: self.init(.serverError)
        default: self.init(.invalidGrant, refusal.code.rawValue)
        }
    }
}
