import Logging
import MobileAPI
import Primitives
import ServiceLifecycle
import Sessions
import Systemd
import UnixSignals

/// On SIGHUP takes in what stands beside the configuration at once: the matrix of rights, revocation lists, the listener's certificate.
struct ReloadWatch: Service {
    let signals: UnixSignalsSequence
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
            await rights.look()
            await lists.look()
            await listener?.look()
            logger.notice("rights, revocation lists and certificates were looked at; the configuration itself is read at the start alone")
            await manager?.tell(.ready(await line()), logger)
        }
    }
}
