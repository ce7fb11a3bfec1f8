internal import Audit
internal import Habilitation
internal import Identity
package import Primitives
package import Sessions

/// The devices of a person, as they, whoever administers and whoever finds one see them.
extension MobileDesk {
    /// In bytes.
    private static let longestNote = 512
    /// Ids of devices in one trace; the count says how many there were.
    private static let named = 64

    /// A person's devices: one's own, or for role administration or root anybody's.
    package func devices(of person: String?, for caller: Caller) async throws(Refusal) -> JSON {
        let own = await persons(at: caller)
        if let person, !own.contains(person), await !administers(caller) { throw await refused(Refusal(.forbidden), nil, by: caller) }
        let wanted = person.map { [$0] } ?? own
        let sessions = await registry.mobileSessions
        let found = devices.values.filter { wanted.contains($0.person) }.sorted { ($0.firstSeen, $0.id) < ($1.firstSeen, $1.id) }
        return [
            "devices": .array(
                found.map { device in
                    device.json.with("lost", .bool(lostKeys.contains(device.thumbprint))).with(
                        "sessions", .array(sessions.filter { $0.mobile?.device == device.id }.map { .string($0.id) }))
                })
        ]
    }

    /// Takes a device off the list: its sessions end. It may be let in again.
    package func remove(device id: String, by caller: Caller) async throws(Refusal) {
        let own = await persons(at: caller)
        guard let device = devices[id] else { throw await refused(Refusal(.deviceNotFound), nil, by: caller) }
        let isOwn = own.contains(device.person)
        // Whoever has no right to it does not learn that it is there.
        if !isOwn, await !administers(caller) { throw await refused(Refusal(.deviceNotFound), nil, by: caller) }
        _ = try await remove([device], in: nil, isOwn ? .logout : .administrator, by: caller)
    }

    /// Takes all of one's own devices off.
    package func removeAll(session id: String, by caller: Caller) async throws(Refusal) -> JSON {
        let session: Session
        do throws(Refusal) { session = try await registry.present(id, for: caller) } catch {
            throw await refused(error, id, by: caller)
        }
        let own = devices.values.filter { $0.person == session.holder.nationalID.text }.sorted { $0.id < $1.id }
        let ended = try await remove(own, in: session, .logout, by: caller)
        return ["devices": .int(Int64(own.count)), "sessions": .int(Int64(ended))]
    }

    /// Reports devices lost: one, or all of a person. Whoever is there may, since it takes rights from a device and gives none; they
    /// learn nothing but how many there were.
    package func reportLost(
        person: String?, device id: String?, note: String?, session: String, by caller: Caller
    ) async throws(Refusal) -> JSON {
        let reporter: Session
        do throws(Refusal) {
            reporter = try await registry.present(session, for: caller)
            guard note.map({ $0.utf8.count <= Self.longestNote && $0.isPlainLine }) ?? true else {
                throw Refusal(.invalidRequest, ["detail": .string("note is no line of at most \(Self.longestNote) bytes")])
            }
        } catch {
            throw await refused(error, session, by: caller)
        }
        let owner = person ?? (id == nil ? reporter.holder.nationalID.text : nil)
        let found = devices.values.filter { (owner == nil || $0.person == owner) && (id == nil || $0.id == id) }.sorted { $0.id < $1.id }
        let keys = Set(found.map(\.thumbprint))
        lostKeys.formUnion(keys)
        let ids = await registry.mobileSessions.filter { keys.contains($0.mobile?.thumbprint ?? "") }.map(\.id)
        await registry.end(ids, .revoked, by: nil)
        let now = time.now()
        var draft = reporter.trace(.mobileDeviceLost, .granted, at: now, by: caller)
        draft.detail = .members([
            "person": owner.map { .string($0.cut(toBytes: 64)) } ?? found.first.map { .string($0.person) },
            "devices": .array(found.prefix(Self.named).map { .string($0.id) }), "count": .int(Int64(found.count)),
            "sessions": .int(Int64(ids.count)), "note": note.map(JSON.string),
        ])
        let records = found.map { device in
            Effect.keep(
                KeptRecord(
                    .lostDevice, device.thumbprint, key: device.person, isOpen: false,
                    json: [
                        "device": .string(device.id), "person": .string(device.person), "at": .string(now.description),
                        "by": .string(reporter.holder.nationalID.text),
                    ]))
        }
        guard await registry.record([draft], records, as: .ending) else { throw Refusal(.traceUnavailable) }
        return ["devices": .int(Int64(found.count)), "sessions": .int(Int64(ids.count))]
    }

    /// Ends the sessions of devices, then writes that they are off the list.
    ///
    /// - Returns: how many sessions ended.
    private func remove(_ gone: [Device], in session: Session?, _ reason: Session.EndReason, by caller: Caller) async throws(Refusal) -> Int
    {
        let ids = Set(gone.map(\.id))
        let sessions = await registry.mobileSessions.filter { ids.contains($0.mobile?.device ?? "") }.map(\.id)
        await registry.end(sessions, reason, by: caller)
        guard !gone.isEmpty else { return 0 }
        var draft =
            session?.trace(.mobileDeviceRemoved, .granted, at: time.now()) ?? TraceDraft(.mobileDeviceRemoved, .granted, at: time.now())
        draft.client = caller.json
        draft.detail = [
            "person": .string(gone[0].person), "devices": .array(gone.prefix(Self.named).map { .string($0.id) }),
            "count": .int(Int64(gone.count)), "sessions": .int(Int64(sessions.count)),
        ]
        do throws(LedgerFailure) { _ = try await ledger.commit([draft], gone.map { .forget(.device, id: $0.id) }) } catch {
            throw Refusal(.traceUnavailable)
        }
        for id in ids { devices[id] = nil }
        // One of them may have come in meanwhile.
        let late = await registry.mobileSessions.filter { ids.contains($0.mobile?.device ?? "") }.map(\.id)
        await registry.end(late, reason, by: caller)
        return sessions.count + late.count
    }

    /// National identifiers of those who are at work at the caller's.
    private func persons(at caller: Caller) async -> [String] {
        let sessions = await registry.sessions(for: caller).filter { $0.uid == caller.uid && $0.mode != .mobile && $0.state == .active }
        return Set(sessions.map(\.holder.nationalID.text)).sorted()
    }

    private func administers(_ caller: Caller) async -> Bool {
        if caller.uid == 0 { return true }
        return await registry.duty(.sessionManage, of: caller) != nil
    }
}
