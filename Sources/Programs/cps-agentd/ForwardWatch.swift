import ConfigurationFile
import Forwarding
import Handover
import Logging
import Primitives
import ServiceLifecycle
import Sessions
import Store

/// Hands the log on to the targets of the configuration, each at its own pace.
struct ForwardWatch: Service {
    let forwarders: [Forwarder]

    private static let period = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for forwarder in forwarders { group.addTask { await Self.serve(forwarder) } }
                // A service that returns would end all others.
                group.addTask { for await _ in Ticks(every: .seconds(86_400)) {} }
            }
        }
    }

    private static func serve(_ forwarder: Forwarder) async {
        for await _ in Ticks(every: period, startsAtOnce: true) {
            while await forwarder.work(), !Task.isCancelled {}
        }
    }

    static func forwarders(
        _ configuration: AgentConfiguration, _ log: TraceLog, _ registry: SessionRegistry, _ time: SystemTime
    ) throws -> [Forwarder] {
        let source = StoreForwarding(log)
        return try targets(configuration).map { target in
            Forwarder(target, source: source, time: time) { draft in _ = await registry.record([draft]) }
        }
    }

    /// Throws where a file that the configuration names cannot be used.
    static func targets(_ configuration: AgentConfiguration) throws -> [any ForwardTarget] {
        try configuration.audit.forward.map { forward in
            let limit = Duration.seconds(forward.timeout)
            do throws(SyslogConfigurationError) {
                switch forward.target {
                case .syslog(let server):
                    return SyslogTarget(name: forward.name, client: try SyslogClient(server), limit: limit)
                case .journal(let path): return JournalTarget(name: forward.name, path: path ?? JournalMessage.standardSocket)
                case .fhir(let base, let authorities):
                    return try FHIRTarget(name: forward.name, base: base, authorities: authorities, limit: limit)
                }
            } catch {
                throw StartFailure(configuration: error.text.of("audit.forward.\(forward.name)"))
            }
        }
    }
}
