import BreakGlass
import ConfigurationFile
import Forwarding
import Logging
import Primitives
import ServiceLifecycle
import Sessions
import Store

/// Who is told of emergencies, as the configuration says.
struct EmergencyWiring {
    private static let limit = Duration.seconds(20)

    /// Throws where a file that the configuration names cannot be used.
    static func channels(_ section: BreakGlassSection) throws -> [EmergencyChannel] {
        var channels: [EmergencyChannel] = []
        if !section.command.isEmpty {
            let command = CommandNotice(section.command, limit: limit)
            channels.append(EmergencyChannel("command") { document async throws(FetchFailure) in try await command.send(document) })
        }
        if let address = section.webhook {
            do throws(SyslogConfigurationError) {
                let server = try WebNotice(address, authorities: section.webhookAuthorities, limit: limit)
                channels.append(EmergencyChannel("webhook") { document async throws(FetchFailure) in try await server.send(document) })
            } catch {
                throw StartFailure(configuration: error.text.of("break_glass.notify.authorities"))
            }
        }
        return channels
    }

    static func settings(_ configuration: AgentConfiguration) -> EmergencySettings {
        let section = configuration.breakGlass
        return EmergencySettings(
            usual: section.usual, longest: section.longest, inactivity: section.inactivity, reviewWithin: section.reviewWithin,
            reasons: section.reasons, isSolo: configuration.degraded.isSolo)
    }

    static func desk(
        _ configuration: AgentConfiguration, _ registry: SessionRegistry, _ ledger: StoreLedger, _ time: SystemTime, _ logger: Logger
    ) throws -> (desk: EmergencyDesk, tellers: [EmergencyTeller]) {
        let tellers = try channels(configuration.breakGlass).map { channel in
            EmergencyTeller(channel, registry: registry, workstation: configuration.agent.workstation, time: time) {
                logger.error("\($0)")
            }
        }
        let desk = EmergencyDesk(
            registry: registry, ledger: ledger, records: ledger, time: time, settings: settings(configuration), tellers: tellers
        ) { logger.warning("\($0)") }
        return (desk, tellers)
    }
}

/// Tells those of the configuration, each at its own pace.
struct EmergencyService: Service {
    let tellers: [EmergencyTeller]

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for teller in tellers { group.addTask { await teller.run { try await Task.sleep(for: $0) } } }
                // A service that returns would end all others.
                group.addTask { for await _ in Ticks(every: .seconds(86_400)) {} }
            }
        }
    }
}
