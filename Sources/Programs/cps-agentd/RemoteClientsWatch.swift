import ConfigurationFile
import Dispatch
import Logging
import Primitives
import ServiceLifecycle
import Sessions
import Synchronization

/// The programs on other machines; the key sets of servers are read again when their files change.
final class RemoteClientsWatch: Service {
    private struct State {
        var clients: RemoteClients
        var files: [FileIdentity?]
    }

    private let entries: [ClientEntry]
    private let logger: Logger
    private let state: Mutex<State>

    init(_ configuration: AgentConfiguration, logger: Logger) throws {
        let entries = configuration.clients ?? []
        self.entries = entries
        self.logger = logger
        state = Mutex(State(clients: try RemoteClients(entries: entries), files: Self.files(entries)))
    }

    var current: RemoteClients { state.withLock { $0.clients } }

    func run() async {
        guard entries.contains(where: { $0.keys != nil }) else {
            try? await gracefulShutdown()
            return
        }
        let queue = DispatchQueue(label: "clients.jwks")
        for await _ in Ticks(every: .seconds(5)).cancelOnGracefulShutdown() { await queue.perform { self.look() } }
    }

    private func look() {
        let files = Self.files(entries)
        guard files != state.withLock({ $0.files }) else { return }
        do {
            let clients = try RemoteClients(entries: entries)
            state.withLock { $0 = State(clients: clients, files: files) }
            logger.info("the key sets of servers were read again")
        } catch {
            state.withLock { $0.files = files }
            let reason = (error as? StartFailure)?.text ?? "\(error)"
            logger.warning("the key sets of servers of before are kept", metadata: ["error": "\(reason)"])
        }
    }

    private static func files(_ entries: [ClientEntry]) -> [FileIdentity?] { entries.map { $0.keys.flatMap { FileIdentity(path: $0) } } }
}
