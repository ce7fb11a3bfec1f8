import Logging
import MobileAPI
import Primitives
import ServiceLifecycle
import Sessions
import Systemd
import UnixSignals

/// Reads the configuration and all that stands beside it again on SIGHUP: the matrix of rights, revocation lists, the listener's certificate.
struct ReloadWatch: Service {
    let signals: UnixSignalsSequence
    let reloading: Reloading
    let registry: SessionRegistry
    let ledger: any Ledger
    let rights: HabilitationKeeper
    let lists: TrustWatch
    let listener: MobileListener?
    let manager: ServiceManager?
    /// How the agent is, for the manager.
    let line: @Sendable () async -> String
    let time: any TimeSource
    let logger: Logger

    func run() async {
        for await _ in signals.cancelOnGracefulShutdown() {
            await manager?.tell(.reloading(since: time.awake()), logger)
            await reloading.reload(registry, ledger)
            await rights.look()
            await lists.look()
            await listener?.look()
            await manager?.tell(.ready(await line()), logger)
        }
    }
}
