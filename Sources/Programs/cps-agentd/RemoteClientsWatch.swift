import ConfigurationFile
import Dispatch
import Logging
import Primitives
import ServiceLifecycle
import Sessions
import Synchronization

/// Reads the key sets of servers again when their files change.
final class RemoteClientsWatch: Service {
    private let clients: ClientsInForce
    private let entries: @Sendable () -> [ClientEntry]
    private let logger: Logger
    private let files: Mutex<[FileIdentity?]>

    /// - Parameter entries: those of the configuration in force; when they change, `clients` is replaced after them.
    init(_ clients: ClientsInForce, entries: @escaping @Sendable () -> [ClientEntry], logger: Logger) {
        self.clients = clients
        self.entries = entries
        self.logger = logger
        files = Mutex(Self.files(entries()))
    }

    func run() async {
        let queue = DispatchQueue(label: "clients.jwks")
        for await _ in Ticks(every: .seconds(5)).cancelOnGracefulShutdown() { await queue.perform { self.look() } }
    }

    private func look() {
        let version = clients.local.version
        let entries = entries()
        let files = Self.files(entries)
        guard files != self.files.withLock({ $0 }) else { return }
        self.files.withLock { $0 = files }
        do {
            clients.replace(remote: try RemoteClients(entries: entries), since: version)
            logger.info("the key sets of servers were read again")
        } catch {
            let reason = (error as? StartFailure)?.text.english ?? "\(error)"
            logger.warning("the key sets of servers of before are kept", metadata: ["error": "\(reason)"])
        }
    }

    private static func files(_ entries: [ClientEntry]) -> [FileIdentity?] { entries.compactMap(\.keys).map { FileIdentity(path: $0) } }
}
