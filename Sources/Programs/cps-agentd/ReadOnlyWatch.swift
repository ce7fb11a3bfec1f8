import Logging
import LoginFlow
import Primitives
import ServiceLifecycle
import Sessions
import Store
import Synchronization

/// Ends an agent that could open its log for reading only, once that can be written, for the service manager to start it anew.
///
/// It waits for those who work under an emergency: their sessions live by their cards, and would end with the agent.
final class ReadOnlyWatch: Service {
    private let log: TraceLog
    private let registry: SessionRegistry
    private let desk: LoginDesk
    private let logger: Logger
    private let isOver = Mutex(false)

    private static let period = Duration.seconds(2)

    /// - Returns: `nil` where the log can be written.
    init?(_ log: TraceLog, _ registry: SessionRegistry, _ desk: LoginDesk, _ logger: Logger) {
        guard log.isReadOnly else { return nil }
        self.log = log
        self.registry = registry
        self.desk = desk
        self.logger = logger
    }

    /// Whether the agent ends since its log can be written.
    var hasEnded: Bool { isOver.withLock { $0 } }

    func run() async throws {
        var isTold = false
        for await _ in Ticks(every: Self.period).cancelOnGracefulShutdown() {
            guard log.isWorthReopening else { continue }
            if !isTold { logger.notice("the state folder is writable again: the agent starts anew once nobody works with it") }
            isTold = true
            guard await !isInUse else { continue }
            isOver.withLock { $0 = true }
            return
        }
    }

    private var isInUse: Bool {
        get async {
            if await desk.isInUse { return true }
            return await registry.liveKinds.contains { $0.mode == .card }
        }
    }

    /// Runs among the services of the agent: when it is done, so are they.
    var configuration: ServiceGroupConfiguration.ServiceConfiguration {
        .init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)
    }
}
