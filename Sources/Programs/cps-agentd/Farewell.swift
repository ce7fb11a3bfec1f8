import ServiceLifecycle
import Sessions

/// Ends the card sessions when the agent is told to stop, while their listeners can still hear it.
struct Farewell: Service {
    let registry: SessionRegistry
    let hub: EventHub

    func run() async throws {
        try? await gracefulShutdown()
        await registry.stop()
        hub.finish()
    }
}
