import Logging
import LoginFlow
import Primitives
import ServiceLifecycle
import Sessions
import Systemd
import Vitals

/// Tells the service manager how the agent is: ready when it serves, alive for as long as it works, stopping when it is told to.
struct ManagerWatch: Service {
    let manager: ServiceManager
    let health: Health
    /// The socket answers.
    let serving: Milestone
    let board: CardBoard
    let registry: SessionRegistry
    let logger: Logger

    /// How often the line for the manager is looked at where it waits for no sign of life.
    private static let seldom = Duration.seconds(60)

    func run() async {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await accompany() }
        } onGracefulShutdown: {
            Task { await manager.tell(.stopping, logger) }
        }
    }

    private func accompany() async {
        await serving.wait()
        // Whoever begins after the agent finds readers, or why there are none.
        while await board.monitoring == "starting" { do { try await Task.sleep(for: .milliseconds(20)) } catch { return } }
        var told = await line()
        await manager.tell(.ready(told), logger)
        for await _ in Ticks(every: manager.watchdog.map { $0 / 2 } ?? Self.seldom, startsAtOnce: true) {
            if let limit = manager.watchdog {
                if await health.isAlive(within: limit) {
                    await manager.tell(.watchdog, logger)
                } else if !Task.isCancelled {
                    let troubles = await health.troubles(within: .zero).map(\.rawValue).joined(separator: " ")
                    logger.critical("the watchdog hears nothing", metadata: ["troubles": "\(troubles)"])
                }
            }
            let now = await line()
            guard now != told else { continue }
            told = now
            await manager.tell(.status(now), logger)
        }
    }

    private func line() async -> String { await Self.line(board, registry) }

    /// How the agent is, for whoever runs `systemctl status`. It names nobody.
    static func line(_ board: CardBoard, _ registry: SessionRegistry) async -> String {
        let (monitoring, readers, sessions) = (await board.monitoring, await board.views.count, await registry.liveIDs.count)
        return "Readers: \(monitoring == "running" ? "\(readers)" : monitoring), sessions: \(sessions)"
    }
}

extension ServiceManager {
    func tell(_ notice: ServiceNotice, _ logger: Logger) async {
        do throws(FileError) {
            try await tell(notice)
        } catch {
            logger.warning("the service manager cannot be told", metadata: ["error": "\(error.reason)"])
        }
    }
}
