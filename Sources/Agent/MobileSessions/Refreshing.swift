internal import Audit
internal import Habilitation
internal import Primitives
internal import Sessions

extension MobileDesk {
    /// Gives a device its next tokens. A genuine refresh token that was used before, or that comes with another key, was stolen: the
    /// session ends, since nobody can tell which of two devices is the thief's (RFC 9700 §4.14.2). Whoever only knows the id of a session
    /// can end none.
    func refresh(_ text: String, _ request: MobileRequest) async throws(MobileRefusal) -> MobileTokens {
        let dead = MobileRefusal(.invalidGrant, "the refresh token is not good")
        guard let token = RefreshToken(text, key) else { throw await refused(dead, request, ["grant": "refresh"]) }
        let known: [String: JSON] = ["grant": "refresh", "session": .string(token.session)]
        guard let family = families[token.session] else { throw await refused(dead, request, known) }
        guard family.thumbprint == request.thumbprint, family.generation == token.generation else {
            let reason: Alarm = family.thumbprint == request.thumbprint ? .refreshReused : .refreshStolen
            families[token.session] = nil
            await alarm(
                reason, session: token.session, of: nil, by: request.caller(device: nil),
                [
                    "device": .string(family.device), "generation": .int(token.generation), "current": .int(family.generation),
                    "thumbprint": .string(request.thumbprint),
                ])
            throw dead
        }
        guard family.client == request.client.name else { throw await refused(dead, request, known) }
        return try await next(family, request)
    }

    private func next(_ family: Family, _ request: MobileRequest) async throws(MobileRefusal) -> MobileTokens {
        let caller = request.caller(device: family.device)
        let wanted: TokenRequest
        do throws(Refusal) {
            let audience = family.isForOneService ? request.resource : request.resource ?? family.audience
            wanted = TokenRequest(
                audience: try family.wish.audience(audience, request.client),
                scopes: try family.wish.narrowed(to: request.scopes), ttl: nil, keyThumbprint: family.thumbprint)
        } catch {
            throw await refused(MobileRefusal(error), request, ["grant": "refresh", "session": .string(family.session)])
        }
        var (next, device) = (family, devices[family.device])
        next.generation += 1
        device?.lastUsed = time.now()
        // Whoever comes with the same token from here on uses it a second time.
        families[family.session] = next
        if let device { devices[device.id] = device }
        do throws(Refusal) {
            let token = try await registry.issueToken(
                wanted, session: family.session, by: caller, traces: [await refreshed(next, by: caller)],
                effects: [.keep(next.record)] + (device.map { [.keep($0.record)] } ?? []))
            await registry.deviceActed(family.session)
            return await tokens(token, next)
        } catch {
            if families[family.session] != nil { families[family.session] = family }
            throw MobileRefusal(error)
        }
    }

    private func refreshed(_ family: Family, by caller: Caller) async -> TraceDraft {
        let session = try? await registry.session(family.session, for: caller)
        var draft =
            session?.trace(.mobileRefreshed, .granted, at: time.now(), by: caller) ?? TraceDraft(.mobileRefreshed, .granted, at: time.now())
        draft.detail = ["device": .string(family.device), "generation": .int(family.generation)]
        return draft
    }
}
