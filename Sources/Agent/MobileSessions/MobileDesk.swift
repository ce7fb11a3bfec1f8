internal import Audit
internal import Habilitation
internal import Identity
package import LoginFlow
package import Primitives
package import Sessions
package import Tokens

/// Where devices are let in from a card session, and where they and the servers that take their tokens are answered.
package actor MobileDesk: MobileService {
    package struct Settings: Sendable {
        let issuer: String
        /// SHA-256 of the listener's SubjectPublicKeyInfo in base64url; `nil` while nothing listens.
        let listenerPin: @Sendable () -> String?
        let limits: RemoteLimits
        /// Lets time pass while a server waits for news.
        let pause: @Sendable (Duration) async throws -> Void

        package init(
            issuer: String, listenerPin: @escaping @Sendable () -> String?, limits: RemoteLimits = RemoteLimits(),
            pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
        ) {
            self.issuer = issuer
            self.listenerPin = listenerPin
            self.limits = limits
            self.pause = pause
        }
    }

    let registry: SessionRegistry
    let logins: LoginDesk
    let ledger: any Ledger & RecordReading
    let signer: TokenSigner
    let hub: EventHub
    let time: any TimeSource
    let random: any RandomSource
    let key: RefreshKey
    let settings: Settings
    let budgets: RemoteBudgets

    var pairings: [String: Pairing] = [:]
    /// Devices that show a code.
    var askings: [String: Asking] = [:]
    /// When users of the machine typed a code that no device shows, since boot.
    var wrongCodes: [UInt32: [Duration]] = [:]
    /// Servers that acknowledge signals take turns.
    let turns = Turns()
    /// When old signals were forgotten last, since boot.
    var signalsSweptAt: Duration?
    /// When each network began device grants lately, since boot.
    var asked: [String: [Duration]] = [:]
    /// When each person had codes shown lately, since boot.
    var shown: [String: [Duration]] = [:]
    /// By the id of their session.
    var families: [String: Family] = [:]
    var devices: [String: Device] = [:]
    /// Thumbprints of keys that are refused.
    var lostKeys: Set<String> = []
    /// Devices whose sessions are just being opened, by person.
    var entering: [String: [String]] = [:]

    /// Records read at a time.
    private static let page = 200

    package init(
        registry: SessionRegistry, logins: LoginDesk, ledger: any Ledger & RecordReading, signer: TokenSigner, hub: EventHub,
        time: any TimeSource, random: any RandomSource, key: RefreshKey, settings: Settings
    ) {
        self.registry = registry
        self.logins = logins
        self.ledger = ledger
        self.signer = signer
        self.hub = hub
        self.time = time
        self.random = random
        self.key = key
        self.settings = settings
        budgets = RemoteBudgets(settings.limits, time: time)
    }

    /// What an establishment decides about it.
    package nonisolated var rules: MobileRules { registry.settings.mobile }

    /// Takes up what an earlier run of the agent left, once the registry has taken up the sessions. A session of a device whose record is
    /// not there cannot be refreshed: it ends; a record without a session is forgotten.
    package func start() async throws(LedgerFailure) {
        for record in try await all(.lostDevice) { lostKeys.insert(record.id) }
        for record in try await all(.device) { if let device = Device(record.json) { devices[device.id] = device } }
        let live = Set(await registry.mobileSessions.map(\.id))
        var orphans: [Effect] = []
        for record in try await all(.family) {
            guard live.contains(record.id), let family = Family(record.json), family.session == record.id,
                !lostKeys.contains(family.thumbprint)
            else {
                orphans.append(.forget(.family, id: record.id))
                continue
            }
            families[family.session] = family
            await logins.watch(family.certificate, of: family.session)
        }
        if !orphans.isEmpty { _ = try await ledger.commit([], orphans) }
        await registry.end(live.filter { families[$0] == nil }.sorted(), .agentRestarted, by: nil)
    }

    private func all(_ kind: KeptRecord.Kind) async throws(LedgerFailure) -> [KeptRecord] {
        var found: [KeptRecord] = []
        while true {
            let next = try await ledger.records(kind, after: found.last?.id, limit: Self.page)
            found += next
            if next.count < Self.page { return found }
        }
    }

    /// Ends what has waited too long, and forgets what is over.
    package func look() async {
        await expire()
        expireAskings()
        await forgetOldSignals()
        // One that begins while this is asked is not among those that are looked at.
        let known = Set(families.keys)
        let live = await registry.liveIDs
        for id in known.subtracting(live) { families[id] = nil }
        let now = time.sinceBoot()
        shown = shown.compactMapValues { times in
            let recent = times.filter { now - $0 < Self.minute }
            return recent.isEmpty ? nil : recent
        }
    }

    static let minute = Duration.seconds(60)

    // MARK: Refusals

    /// What a program of the workstation hears, once it is traced.
    func refused(_ refusal: Refusal, _ session: String?, by caller: Caller, _ detail: [String: JSON] = [:]) async -> Refusal {
        var draft = TraceDraft(.mobileRefused, .refused, at: time.now())
        if let session, let known = try? await registry.session(session, for: caller) {
            draft = known.trace(.mobileRefused, .refused, at: time.now())
        } else {
            draft.session = session?.cut(toBytes: 64)
        }
        draft.client = caller.json
        draft.code = refusal.code.rawValue
        let members = refusal.members.merging(detail) { own, _ in own }
        if !members.isEmpty { draft.detail = .object(members) }
        do throws(Refusal) { try await registry.refusals.write(draft) } catch { return error }
        return refusal
    }

    /// What a device or a server hears, once it is traced.
    func refused(
        _ refusal: MobileRefusal, _ client: String?, at address: String, _ detail: [String: JSON] = [:]
    ) async -> MobileRefusal {
        var draft = TraceDraft(.mobileRefused, .refused, at: time.now())
        // A name that is no entry of `clients` may be anything: it names nobody.
        let known = client.flatMap { registry.settings.clients.remote.named($0) }?.client.name
        draft.client = .members(["name": known.map(JSON.string), "address": .string(address.cut(toBytes: 64))])
        let told: [String: JSON?] = [
            "error": .string(refusal.code.rawValue), "error_description": refusal.detail.map(JSON.string),
            "claimed": known == nil ? client.map { .string($0.cut(toBytes: 64)) } : nil,
        ]
        draft.detail = .object(told.compactMapValues { $0 }.merging(detail) { own, _ in own })
        do throws(Refusal) { try await registry.refusals.write(draft) } catch { return MobileRefusal(.temporarilyUnavailable) }
        return refusal
    }

    func refused(_ refusal: MobileRefusal, _ request: MobileRequest, _ detail: [String: JSON] = [:]) async -> MobileRefusal {
        await refused(refusal, request.client.name, at: request.address, detail)
    }

    /// Something that only theft explains: what came of it is ended first, then it is written.
    func alarm(_ reason: Alarm, session id: String?, of host: Session?, by caller: Caller, _ detail: [String: JSON]) async {
        let found = await registry.mobileSessions.first { $0.id == id }
        if let id { await registry.end([id], .revoked, by: nil) }
        var draft = (found ?? host)?.trace(.mobileAlarm, .failed, at: time.now()) ?? TraceDraft(.mobileAlarm, .failed, at: time.now())
        draft.session = id ?? host?.id
        draft.client = caller.json
        draft.reason = reason.rawValue
        draft.detail = .object(detail)
        await registry.record([draft], as: .ending)
    }
}

/// What only theft explains, or a broken program.
enum Alarm: String, Sendable {
    /// A code was redeemed again after it was used.
    case codeReused = "code_reused"
    /// Two devices redeemed one code, or one with other digits.
    case codeShared = "code_shared"
    /// The practitioner typed other digits than the device shows that redeemed the code.
    case wrongDigits = "wrong_digits"
    /// A device that was reported lost.
    case lostDevice = "lost_device"
    /// A refresh token was used that another has replaced.
    case refreshReused = "refresh_reused"
    /// A refresh token came with another key.
    case refreshStolen = "refresh_stolen"
}

extension MobileRequest {
    /// The device as the one who asks, in traces.
    func caller(device: String?) -> Caller { Caller(Caller.Remote(address: address, device: device), client: client) }

    /// As people are shown it: one line of at most 64 bytes, else the name of the program.
    var shownName: String {
        guard let name = deviceName?.cut(toBytes: Self.longestName), name.isOneLine else { return client.name }
        return name
    }

    private static let longestName = 64
}
