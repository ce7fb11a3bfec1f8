import Logging
import ServiceLifecycle
import Store
import Witness

/// Takes checkpoints to those who keep and stamp them.
struct WitnessWatch: Service {
    let witnesses: Witnesses

    func run() async throws {
        let witnesses = witnesses
        await cancelWhenGracefulShutdown {
            await witnesses.run { try await Task.sleep(for: $0) }
            // Without witnesses there is nothing to do, and a service that ends would end the agent.
            try? await gracefulShutdown()
        }
    }
}

/// Signs a checkpoint when so many traces came that one is due.
struct CheckpointWatch: Service {
    let pace: CheckpointPace
    let log: TraceLog
    let witnesses: Witnesses
    let logger: Logger

    func run() async throws {
        for await _ in pace.crossings.cancelOnGracefulShutdown() { await log.sign(for: witnesses, logger) }
    }
}

extension TraceLog {
    /// Signs the head, and lets the witnesses know.
    func sign(for witnesses: Witnesses, _ logger: Logger) async {
        do {
            _ = try await signCheckpoint()
            witnesses.wake()
        } catch {
            logger.error("checkpoint could not be signed", metadata: ["error": "\(error)"])
        }
    }
}
