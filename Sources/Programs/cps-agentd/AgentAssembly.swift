import Audit
import BreakGlass
import ConfigurationFile
import DegradedLogin
import Fetching
import Glibc
import HTTPServing
import Habilitation
import Handover
import KeyFiles
import LocalAPI
import Logging
import LoginFlow
import MetricsAPI
import MobileSessions
import PCSC
import PKI
import Primitives
import Revocation
import ServiceLifecycle
import Sessions
import Signatures
import SmartCard
import Store
import Systemd
import Tokens
import UnixSignals
import Vitals
import Witness

/// Builds the rooms from the configuration and runs them. Wiring only: what happens is in the rooms.
struct AgentAssembly {
    private let configuration: AgentConfiguration
    private let logger: Logger
    private let trust: TrustStore
    private let time = SystemTime()
    private let floor: ClockFloor
    private let log: TraceLog
    private let keyring: LogKeyring
    private let ledger: StoreLedger
    private let pace: CheckpointPace
    private let witnesses: Witnesses
    private let registry: SessionRegistry
    private let board: CardBoard
    private let desk: LoginDesk
    private let hub: EventHub
    private let keeper: TrustKeeper
    private let habilitation: HabilitationInForce
    private let clients: ClientsInForce
    private let reloading: Reloading
    private let attention: Attention
    private let pulse: Pulse
    private let health: Health
    private let counts = TraceCounts()
    private let metrics: MetricsWiring
    private let rights: HabilitationKeeper
    private let directory: StoreDirectory
    private let api: LocalAPI
    private let forwarders: [Forwarder]
    private let emergencies: EmergencyDesk
    private let tellers: [EmergencyTeller]
    private let mobile: MobileDesk
    private let listenerPin = ListenerPin()
    private let signer: TokenSigner

    /// - Parameters:
    ///   - path: of the configuration file, to read it again.
    ///   - level: of the logger.
    init(
        _ configuration: AgentConfiguration, path: String, trust: TrustStore, level: LogLevelInForce, logger: Logger
    ) async throws {
        self.configuration = configuration
        self.logger = logger
        let random = SystemRandom()
        let (agent, tokens) = (configuration.agent, configuration.tokens)
        let report: @Sendable (String) -> Void = { logger.error("\($0)") }

        self.trust = trust
        let (matrix, file, version) = try Self.habilitation(configuration)
        habilitation = HabilitationInForce(matrix)
        clients = ClientsInForce(
            configuration.clients.map(ClientTable.init(entries:)), remote: try RemoteClients(entries: configuration.clients ?? []))
        let files = try KeySealing.files()
        (log, keyring) = try Self.log(configuration, files, time, random, counts, logger)
        let pace = CheckpointPace(every: UInt64(configuration.audit.checkpointTraces), from: log.head.size)
        self.pace = pace
        ledger = StoreLedger(log, grown: { pace.grown(to: $0) })
        floor = ClockFloor(path: "\(agent.stateDirectory)/clock.floor", time: time)
        let floored = FlooredTime(time, floor)
        witnesses = try WitnessWiring(configuration, time, random, floor).witnesses(log, ledger, report)
        directory = try Self.directory(log, configuration, time, random)
        let signer = try await Self.signer(configuration, files, time)
        self.signer = signer
        hub = EventHub(first: UInt64(time.now().milliseconds) * 1000)
        registry = SessionRegistry(
            ledger: ledger, hub: hub, time: time, random: random, signer: signer,
            settings: SessionSettings(
                issuer: tokens.issuer, workstation: agent.workstation,
                lifetime: TokenLifetime(unbound: tokens.ttl, bound: tokens.ttlBound), habilitation: habilitation,
                clients: clients, inactivity: configuration.sessions.inactivity, longest: configuration.sessions.max,
                emergencies: EmergencyWiring.settings(configuration),
                degraded: DegradedRules(configuration.degraded, reviewWithin: configuration.breakGlass.reviewWithin),
                mobile: MobileWiring.rules(configuration)),
            report: report)
        (emergencies, tellers) = try EmergencyWiring.desk(configuration, registry, ledger, time, logger)
        let cards = PCSCCards(silence: configuration.cards.commandTimeout.map { .seconds($0) } ?? PCSCCards.usualSilence)
        let lists = RevocationLists(trust)
        let rules = configuration.trust.revocation
        let online = OnlineRevocation(configuration.trust, trust, time, floored, random)
        let check = RevocationCheck(
            trust, lists, maxAge: rules.maxAge, refusesUnknown: rules.whenStale == .refuse, addresses: online.addresses,
            responder: online.responder, report: online.report(to: registry), floor: floor)
        board = CardBoard(
            access: cards, registry: registry, hub: hub, ledger: ledger, trust: check, time: time, random: random,
            policy: ReaderPolicy(isProduction: trust.environment == .production, allowed: configuration.readers.allow), report: report)
        let accounts = try await AccountWiring.desk(
            configuration, registry: registry, ledger: ledger, files: files, time: time, floored: floored, random: random, report: report)
        let localAccounts = WorkstationWiring.accounts(configuration)
        desk = LoginDesk(
            board: board, access: cards, registry: registry, ledger: ledger,
            trust: check, hub: hub, directory: directory, time: time, random: random,
            settings: LoginSettings(
                issuer: tokens.issuer, tokenKeyID: { signer.currentKeyID },
                afterUse: configuration.cards.afterUse == .reset ? .reset : .leave,
                readsProtectedObjects: configuration.cards.protectedObjects == .read, longestSession: configuration.sessions.max,
                timestamps: try configuration.signatures.timestamp?.service("signatures.timestamp", time, random, floor),
                passwords: AccountPasswords(accounts), emergencies: emergencies, localAccounts: localAccounts,
                cardTime: { logger.debug("card used for a login", metadata: ["login.card_time": "\($0)"]) }))
        mobile = try MobileWiring.desk(
            configuration, registry: registry, logins: desk, ledger: ledger, signer: signer, hub: hub, files: files, time: time,
            random: random, pin: listenerPin)
        let folder = RevocationFolder(lists, folder: configuration.trust.crls, kept: "\(agent.stateDirectory)/crls")
        keeper = TrustKeeper(
            store: trust, lists: lists, folder: folder, fetch: online.fetch(lists, folder), desk: desk, registry: registry, time: time,
            floor: floor, maxAge: rules.maxAge)
        attention = Attention(time)
        pulse = Pulse(time)
        health = Health(pulse, log, board)
        rights = HabilitationKeeper(
            habilitation, file: file, version: version, registry: registry, time: time, report: report)
        let forwarders = try ForwardWatch.forwarders(configuration, log, registry, time)
        self.forwarders = forwarders
        let budgets = CallerBudgets(CallerBudgets.Limits(agent.budgets), time: time)
        let reloading = Reloading(
            configuration, path: path, clients: clients, budgets: budgets, level: level, time: time, logger: logger)
        self.reloading = reloading
        let settled = ConfigurationWarnings.ofStart(configuration, isReadOnly: log.isReadOnly)
        metrics = MetricsWiring(
            counts: counts, tallies: MetricsWiring.Tallies(), log: log, registry: registry, board: board, trust: keeper,
            witnesses: witnesses, forwarders: forwarders, budgets: budgets, time: time, started: time.now())
        api = LocalAPI(
            board: board, desk: desk,
            degraded: DegradedDesk(
                registry: registry, passwords: AccountPasswords(accounts), directory: directory, watch: emergencies,
                localAccounts: localAccounts, time: time, random: random),
            mobile: mobile, registry: registry, hub: hub, ledger: ledger, audit: StoreAuditReading(log, keyring),
            witnesses: witnesses, signer: signer,
            trust: keeper, habilitation: rights, directory: directory, attention: attention, time: time,
            budgets: budgets,
            accounts: accounts,
            retention: RetentionDesk(
                registry: registry, keeping: StoreRetention(log, targets: configuration.audit.forward.map(\.name)), time: time,
                random: random, leastAge: configuration.audit.retention),
            verifications: VerificationDesk(audit: StoreAuditReading(log, keyring), ledger: ledger, time: time, random: random),
            emergencies: emergencies, seat: WorkstationWiring.seat(configuration),
            forwarding: { () async -> [JSON] in
                var told: [JSON] = []
                for forwarder in forwarders { told.append(await forwarder.status) }
                return told
            },
            listenerCertificate: { [listenerPin] in listenerPin.certificate(in: $0) },
            facts: LocalAPI.Facts(
                version: AgentVersion.current, workstation: agent.workstation, issuer: tokens.issuer,
                environment: trust.environment.rawValue, afterUse: configuration.cards.afterUse.rawValue, uid: geteuid(),
                clients: reloading.clientsText, pam: WorkstationWiring.policy(configuration), warnings: settled + reloading.warnings))
        if log.isReadOnly { logger.critical("\(ConfigurationWarnings.readOnly(configuration.agent.stateDirectory).english)") }
    }

    /// - Parameter manager: the service manager that wants to hear; `nil` where none does.
    func run(manager: ServiceManager?) async throws {
        // From here on a SIGHUP ends nobody; one that comes before the agent serves waits until it does.
        let signals = await UnixSignalsSequence(trapping: .sighup)
        let socket = try Self.socket(configuration)
        let wasRolledBack = try await KeySettling(log: log, keyring: keyring, witnesses: witnesses, time: time, logger: logger).settle()
        try await StartTraces(
            ledger: ledger, registry: registry, floor: floor, time: time, configuration: configuration, trust: trust,
            matrix: habilitation.matrix, endsAll: wasRolledBack,
            damage: log.reserve?.damage
        ).write()
        do throws(LedgerFailure) {
            try await emergencies.start()
        } catch {
            throw StartFailure("the emergencies of before cannot be read: \(error.reason)")
        }
        do throws(LedgerFailure) {
            try await mobile.start()
        } catch {
            throw StartFailure("the devices of before cannot be read: \(error.reason)")
        }
        let remote = RemoteClientsWatch(clients, entries: { [reloading] in reloading.entries }, logger: logger)
        let listener = try MobileWiring.listener(
            configuration, mobile, clients: clients, signer: signer, pin: listenerPin, time: time, random: SystemRandom(),
            tally: metrics.tallies.mobile, logger: logger)
        let watch = TrustWatch(keeper: keeper, logger: logger)
        await watch.look()
        let monitor = ReaderMonitor()
        let serving = Milestone()
        let outward: [any Service] = listener.map { [remote, $0] } ?? []
        let watched: [any Service] = try metrics.listener(configuration.metrics, health, logger).map { [$0] } ?? []
        let above: [any Service] =
            manager.map {
                [ManagerWatch(manager: $0, health: health, serving: serving, board: board, registry: registry, logger: logger)]
            } ?? []
        let services: [any Service] = [
            Upkeep(
                registry: registry, desk: desk, mobile: mobile, emergencies: emergencies, rights: rights, monitor: monitor,
                attention: attention, pulse: pulse, log: log,
                ledger: ledger,
                time: time, floor: floor, checkpointEvery: configuration.audit.checkpoint, witnesses: witnesses, logger: logger),
            CheckpointWatch(pace: pace, log: log, witnesses: witnesses, logger: logger),
            WitnessWatch(witnesses: witnesses),
            watch,
            FetchWatch(keeper: keeper, logger: logger),
            ForwardWatch(forwarders: forwarders),
            EmergencyService(tellers: tellers),
            CardWatch(monitor: monitor, board: board),
            SocketServer(
                socket: socket, api: api, clients: clients, logger: logger,
                tally: metrics.tallies.local, opened: { serving.reach() }),
            // The last to start is the first to stop: listeners hear that their sessions end before the socket closes.
            Farewell(registry: registry, hub: hub),
            ReloadWatch(
                signals: signals, reloading: reloading, registry: registry, ledger: ledger, rights: rights, lists: watch,
                listener: listener, manager: manager,
                line: { [board, registry] in await ManagerWatch.line(board, registry) }, time: time, logger: logger),
        ]
        var group = ServiceGroupConfiguration(
            services: outward + watched + services + above, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(10)
        let readOnly = ReadOnlyWatch(log, registry, desk, logger)
        if let readOnly { group.services.append(readOnly.configuration) }
        logger.info("ready", metadata: ["socket": "\(configuration.agent.socket)", "version": "\(AgentVersion.current)"])
        try await ServiceGroup(configuration: group).run()
        await registry.refusals.flush(all: true)
        var stopped = TraceDraft(.agentStopped, .info, at: time.now())
        stopped.detail = ["version": .string(AgentVersion.current)]
        do {
            _ = try await ledger.commit([stopped], [], as: .agent)
            _ = try await log.signCheckpoint()
        } catch {
            // With a disk that cannot be written a stop in good order is still one.
            logger.error("the stop could not be traced, or its checkpoint not be signed", metadata: ["error": "\(error)"])
        }
        await witnesses.catchUp(within: .seconds(2))
        if readOnly?.hasEnded == true {
            throw StartFailure(
                "\(configuration.agent.stateDirectory) is writable again, and nobody works with the agent: it has to be started anew")
        }
    }

    /// The authorities that the configuration names.
    static func trust(_ configuration: AgentConfiguration) throws -> TrustStore {
        do throws(TrustStoreError) {
            return try TrustStore.load(
                folder: configuration.trust.anchors,
                rules: TrustStore.Rules(requiresClientAuthentication: configuration.trust.requireEKU))
        } catch {
            let file = error.file.map { " (\($0))" } ?? ""
            let text = Text(
                "\(error.text.french)\(file). \(error.remedy.french)", "\(error.text.english)\(file). \(error.remedy.english)")
            throw StartFailure(configuration: text.of("trust.anchors"))
        }
    }

    /// The matrix of rights that the configuration names, else the built-in one.
    static func habilitation(
        _ configuration: AgentConfiguration
    ) throws -> (matrix: HabilitationMatrix, file: MatrixFile?, version: MatrixFile.Version?) {
        guard let path = configuration.habilitations.file else { return (.builtIn, nil, nil) }
        do throws(ConfigurationError) {
            let file = MatrixFile(path, agent: geteuid())
            let loaded = try file.load()
            return (loaded.matrix, file, loaded.version)
        } catch {
            let problems = error.problems.map { $0.sentence.of(path).of("habilitations.file") }
            throw StartFailure(
                configuration: Text(
                    problems.map(\.french).joined(separator: "\n"), problems.map(\.english).joined(separator: "\n")))
        }
    }

    private static func log(
        _ configuration: AgentConfiguration, _ files: KeyFiles, _ time: SystemTime, _ random: SystemRandom, _ counts: TraceCounts,
        _ logger: Logger
    ) throws -> (TraceLog, LogKeyring) {
        let folder = configuration.agent.stateDirectory
        do throws(StoreError) {
            let store = try StateStore(folder: folder)
            guard mkdir("\(folder)/keys", 0o700) == 0 || errno == EEXIST else {
                throw StoreError.damaged("\(folder)/keys cannot be made: \(String(cString: strerror(errno)))")
            }
            try KeyHost.settle("\(folder)/keys", machine: try KeyHost.machine(), isReadOnly: store.isReadOnly)
            try KeySealing.seal("\(folder)/keys", files, isReadOnly: store.isReadOnly, logger: logger)
            let keyring = LogKeyring(
                store: store, path: "\(folder)/keys/log.key", origin: configuration.audit.origin,
                file: LogKey(files: files, random: random))
            let reserve = Reserve(path: configuration.audit.reserve, size: configuration.audit.reserveSize, stateFolder: folder)
            let log = try TraceLog(
                store: store, workstation: configuration.agent.workstation, signer: try keyring.load(), time: time, random: random,
                reserve: reserve, witness: WitnessWiring.outside(configuration),
                written: { counts.count($0) })
            return (log, keyring)
        } catch {
            throw StartFailure(error, stateFolder: folder)
        }
    }

    private static func directory(
        _ log: TraceLog, _ configuration: AgentConfiguration, _ time: SystemTime, _ random: SystemRandom
    ) throws -> StoreDirectory {
        do throws(StoreError) {
            return try StoreDirectory(log, folder: configuration.agent.stateDirectory, time: time, random: random)
        } catch {
            throw StartFailure("the imported directory: \(error)")
        }
    }

    private static func signer(_ configuration: AgentConfiguration, _ files: KeyFiles, _ time: SystemTime) async throws -> TokenSigner {
        do throws(TokenKeyError) {
            return try await TokenSigner(
                storage: TokenKeyFolder("\(configuration.agent.stateDirectory)/keys/tokens", files: files),
                algorithm: configuration.tokens.algorithm == .es256 ? .es256 : .edDSA, now: time.now())
        } catch {
            throw StartFailure("token keys: \(error)")
        }
    }

    private static func socket(_ configuration: AgentConfiguration) throws -> ListeningSocket {
        do throws(ListeningSocket.Failure) {
            if let inherited = try ListeningSocket.inherited(environment: Self.environment, processID: getpid()) { return inherited }
            return try ListeningSocket.bound(
                path: configuration.agent.socket, mode: configuration.agent.socketMode, group: configuration.agent.socketGroup)
        } catch {
            throw StartFailure("agent.socket: \(error)")
        }
    }

    private static var environment: [String: String] {
        ["LISTEN_PID", "LISTEN_FDS"].reduce(into: [:]) { found, name in
            if let value = getenv(name) { found[name] = String(cString: value) }
        }
    }
}
