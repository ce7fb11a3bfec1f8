package import Habilitation
package import LoginFlow
package import Primitives
package import Sessions
package import SmartCard
import Synchronization
package import Tokens
package import VirtualCard
package import Workstation

/// The rooms of a login wired together around virtual readers, a manual clock and a ledger in memory.
package final class TestAgent: Sendable {
    package static let issuer = "https://ws-042.example"
    package static let audience = "https://records.example"
    package static let reader = "Virtual PCD 00 00"
    package static let otherReader = "Virtual PCD 00 01"
    package static let pin = "1234"

    package let clock = ManualClock()
    package let ledger = MemoryLedger()
    package let hub = EventHub(first: 1000)
    package let readers = VirtualReaders()
    package let signer: TokenSigner
    package let registry: SessionRegistry
    package let board: CardBoard
    package let desk: LoginDesk
    package let reports = Reports()

    /// - Parameter trust: how certificates are checked; the personas' anchors with revocation data found good when `nil`.
    package init(
        trust: (any TrustCheck)? = nil, longest: Int64 = 43_200, afterUse: AfterUse = .reset, policy: ReaderPolicy = .all,
        directory: any SituationSource = MemoryDirectory([:]), degraded: DegradedRules = .off, passwords: (any PasswordCheck)? = nil,
        mobile: MobileRules = .off, clients: ClientsInForce = ClientsInForce(), localAccounts: LocalAccounts = .none
    ) async throws {
        let random = CountingRandom()
        let (clock, ledger, hub, readers, reports) = (clock, ledger, hub, readers, reports)
        let report: @Sendable (String) -> Void = { reports.add($0) }
        let signer = try await TokenSigner(storage: MemoryTokenKeys(), now: clock.now())
        self.signer = signer
        registry = SessionRegistry(
            ledger: ledger, hub: hub, time: clock, random: random, signer: signer,
            settings: SessionSettings(
                issuer: Self.issuer, workstation: "ws-042", lifetime: TokenLifetime(), habilitation: .builtIn, clients: clients,
                inactivity: nil,
                longest: longest, degraded: degraded, mobile: mobile),
            report: report)
        let trust = try trust ?? FreshCheck(Personas.shared().trust)
        let board = CardBoard(
            access: readers, registry: registry, hub: hub, ledger: ledger, trust: trust, time: clock, random: random, policy: policy,
            report: report)
        self.board = board
        desk = LoginDesk(
            board: board, access: readers, registry: registry, ledger: ledger,
            trust: trust, hub: hub, directory: directory, time: clock, random: random,
            settings: LoginSettings(
                issuer: Self.issuer, tokenKeyID: { signer.currentKeyID }, afterUse: afterUse,
                longestSession: longest, passwords: passwords, localAccounts: localAccounts))
        readers.plug(Self.reader)
        let snapshots = readers.snapshots
        Task { await board.follow(snapshots) }
        _ = await eventually { await board.monitoring == "running" }
    }

    deinit { readers.finish() }

    // MARK: Cards

    /// Puts a card in and waits until it has been read.
    @discardableResult
    package func insert(_ card: VirtualCard, in reader: String = reader) async -> Insertion {
        let insertion = readers.insert(card, in: reader)
        _ = await eventually {
            let view = await self.board.views.first { $0.reader.presence.insertion == insertion }
            return view.map { $0.reading.map { if case .underway = $0 { false } else { true } } ?? false } ?? false
        }
        return insertion
    }

    /// Pulls the card and waits until every session on it is dead.
    package func eject(_ insertion: Insertion) async {
        readers.eject(insertion.reader)
        await left(insertion)
    }

    /// Waits until the registry knows that a stay has ended.
    package func left(_ insertion: Insertion) async {
        _ = await eventually { await !self.registry.isLive(insertion.id) }
    }

    // MARK: Logins

    /// Begins a login and gives its id.
    package func begin(
        _ caller: Caller = .user, reader: String? = nil, audience: String? = nil, scopes: [Scope] = [], profile: String? = nil
    ) async throws -> String {
        let token = audience.map { TokenRequest(audience: $0, scopes: scopes, ttl: nil, keyThumbprint: nil) }
        let request = LoginRequest(reader: reader, token: token, forUID: nil, resumes: nil, profile: profile)
        let json = try await desk.begin(request, by: caller)
        return json["id"]?.string ?? ""
    }

    @discardableResult
    package func enter(
        _ pin: String = pin, login: String, consent: String? = nil, by caller: Caller = .user
    ) async throws -> (session: Session, token: IssuedToken?) {
        try await desk.enterPIN(Secret(text: pin), login: login, acceptLastTry: consent, by: caller)
    }

    /// Begins a login and gives the right PIN.
    @discardableResult
    package func logIn(
        _ caller: Caller = .user, reader: String? = nil, audience: String? = nil
    ) async throws -> (session: Session, token: IssuedToken?) {
        try await enter(login: try await begin(caller, reader: reader, audience: audience), by: caller)
    }

    /// What a refused action was refused for; `nil` when it was not.
    package func refusal<Result>(_ action: () async throws -> Result) async throws -> Refusal? {
        do {
            _ = try await action()
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }
}

/// What the rooms report to the service's log.
package final class Reports: Sendable {
    private let texts = Mutex<[String]>([])

    package init() {}

    package func add(_ text: String) { texts.withLock { $0.append(text) } }

    package var all: [String] { texts.withLock { $0 } }
}

extension Caller {
    /// Two users of the machine, and root.
    package static let user = Caller(
        uid: 1000, gid: 1000, pid: 42, client: Client(name: "records", operations: Client.anyone.operations, isConfigured: false))
    package static let other = Caller(uid: 1001, gid: 1001, pid: 43)
    package static let root = Caller(uid: 0, gid: 0, pid: 1)
}

extension Secret {
    package init(text: String) {
        let bytes = Array(text.utf8)
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }
}
