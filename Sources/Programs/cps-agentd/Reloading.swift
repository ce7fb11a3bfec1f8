import Audit
import ConfigurationFile
import Dispatch
import Logging
import Primitives
import Sessions
import Synchronization
import Systemd

/// Takes in `agent.yaml` while the agent runs: all of it or nothing.
final class Reloading: Sendable {
    private struct State {
        var configuration: AgentConfiguration
        /// Keys that differ from those the agent was started with.
        var waiting: [String] = []
        /// Why the file of now is not in force.
        var refusal: Text?
    }

    private let path: String
    private let started: AgentConfiguration
    private let clients: ClientsInForce
    private let budgets: CallerBudgets
    private let level: LogLevelInForce
    private let time: any TimeSource
    private let logger: Logger
    private let state: Mutex<State>
    private let files = DispatchQueue(label: "configuration")

    /// Problems, and keys, in one trace.
    private static let mostTraced = 32
    /// Bytes of each in a trace.
    private static let longestTraced = 256

    init(
        _ configuration: AgentConfiguration, path: String, clients: ClientsInForce, budgets: CallerBudgets, level: LogLevelInForce,
        time: any TimeSource, logger: Logger
    ) {
        self.path = path
        started = configuration
        self.clients = clients
        self.budgets = budgets
        self.level = level
        self.time = time
        self.logger = logger
        state = Mutex(State(configuration: configuration))
    }

    /// The entries of `clients` in force.
    var entries: [ClientEntry] { state.withLock { $0.configuration.clients ?? [] } }

    /// What an administrator should know, for `GET /v1/status`.
    var warnings: [Text] {
        let state = state.withLock { $0 }
        return [
            state.configuration.clients == nil ? ConfigurationWarnings.noClients : nil, state.refusal,
            state.waiting.isEmpty ? nil : ConfigurationWarnings.waiting(state.waiting),
        ].compactMap { $0 }
    }

    /// Which programs may do what, as a sentence.
    var clientsText: Text { ConfigurationWarnings.clients(state.withLock { $0.configuration.clients }) }

    /// Reads the file again, and every file that it names. What can change does so once it is traced; without a trace nothing changes.
    func reload(_ registry: SessionRegistry, _ ledger: any Ledger) async {
        let path = path
        let read = await files.perform { () -> Result<(AgentConfiguration, RemoteClients), ConfigurationError> in
            do {
                let configuration = try AgentConfiguration(file: path)
                return .success((configuration, try configuration.checkFiles().remote))
            } catch let error as ConfigurationError {
                return .failure(error)
            } catch {
                return .failure(ConfigurationError(file: (error as? StartFailure)?.text ?? Text("\(error)")))
            }
        }
        switch read {
        case .failure(let error): await refuse(error, registry)
        case .success(let (configuration, remote)): await take(configuration, remote, registry, ledger)
        }
    }

    private func refuse(_ error: ConfigurationError, _ registry: SessionRegistry) async {
        let now = time.now()
        for problem in error.problems { logger.error("configuration refused", metadata: ["file": "\(path)", "problem": "\(problem)"]) }
        let inForce = state.withLock { state in
            let first = error.problems.first?.sentence ?? Text("")
            state.refusal = ConfigurationWarnings.refused(
                path, at: now,
                Text(first.french.cut(toBytes: Self.longestTraced), first.english.cut(toBytes: Self.longestTraced)))
            return state.configuration.sha256
        }
        var draft = TraceDraft(.configRefused, .failed, at: now)
        let problems = error.problems.prefix(Self.mostTraced).map {
            ConfigurationError.Problem(
                place: $0.place, key: $0.key.cut(toBytes: Self.longestTraced), text: Text($0.reason.cut(toBytes: Self.longestTraced)))
        }
        draft.detail = [
            "file": .string(path), "problems": ConfigurationError(problems: problems).json(), "count": .int(Int64(error.problems.count)),
            "in_force": .string(inForce),
        ]
        await registry.record([draft])
    }

    private func take(
        _ configuration: AgentConfiguration, _ remote: RemoteClients, _ registry: SessionRegistry, _ ledger: any Ledger
    ) async {
        let change = ConfigurationChange(from: state.withLock { $0.configuration }, to: configuration)
        let waiting = ConfigurationChange(from: started, to: configuration).deferred
        var draft = TraceDraft(.configLoaded, .info, at: time.now())
        draft.detail = [
            "sha256": .string(configuration.sha256), "overrides": .array(configuration.overrides.map(JSON.string)),
            "changed": .array(change.effective.map(JSON.string)),
            "restart": .array(waiting.prefix(Self.mostTraced).map { .string($0.cut(toBytes: Self.longestTraced)) }),
            "restart_count": .int(Int64(waiting.count)),
        ]
        do throws(LedgerFailure) {
            _ = try await ledger.commit([draft], [], as: .agent)
        } catch {
            logger.error("the configuration stays as it is: its trace cannot be written", metadata: ["error": "\(error.reason)"])
            state.withLock { $0.refusal = ConfigurationWarnings.untraced(path) }
            return
        }
        // The entries before the clients: whoever reads key sets again sees by the version of these that those have changed.
        state.withLock { $0 = State(configuration: configuration, waiting: waiting) }
        level.set(Logger.Level(configuration.log.level))
        budgets.replace(by: CallerBudgets.Limits(configuration.agent.budgets))
        if change.effective.contains(ConfigurationChange.clients) {
            let isOther = clients.replace(by: configuration.clients.map(ClientTable.init(entries:)), remote: remote)
            await registry.reassessRights(whereClient: isOther)
        }
        logger.notice(
            "configuration taken in",
            metadata: ["changed": "\(change.effective.joined(separator: " "))", "restart": "\(waiting.joined(separator: " "))"])
    }
}

extension CallerBudgets.Limits {
    init(_ budgets: AgentSection.Budgets) {
        self.init(requests: budgets.requests, logins: budgets.logins, pins: budgets.pins, emergencies: budgets.emergencies)
    }
}
