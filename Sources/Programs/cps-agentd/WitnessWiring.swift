import Audit
import ConfigurationFile
import Fetching
import Forwarding
import Primitives
import Sessions
import Signatures
import Store
import Witness

/// Who keeps and stamps checkpoints, by the configuration.
struct WitnessWiring {
    private let configuration: AgentConfiguration
    private let time: SystemTime
    private let random: SystemRandom

    init(_ configuration: AgentConfiguration, _ time: SystemTime, _ random: SystemRandom) {
        self.configuration = configuration
        self.time = time
        self.random = random
    }

    /// Reads every file that the configuration names.
    func check() throws {
        _ = try targets()
        _ = try stamping()
    }

    func witnesses(_ log: TraceLog, _ ledger: StoreLedger, _ report: @escaping @Sendable (String) -> Void) throws -> Witnesses {
        let memory = StoreWitnessMemory(log)
        let stamps = try stamping().map { service, every in
            CheckpointStamps(service, every: every, memory: memory, ledger: ledger, time: time, report: report)
        }
        return Witnesses(
            anchors: try targets().map { Anchor($0, memory: memory, ledger: ledger, time: time, report: report) }, stamps: stamps)
    }

    private func targets() throws -> [any AnchorTarget] {
        try configuration.audit.anchors.map { anchor -> any AnchorTarget in
            let limit = Duration.seconds(anchor.timeout)
            switch anchor.target {
            case .file(let path): return FileAnchor(name: anchor.name, path: path)
            case .http(let address): return HTTPAnchor(name: anchor.name, address: address, limit: limit)
            case .syslog(let address, let authorities, let certificate, let key):
                let identity = certificate.flatMap { certificate in key.map { (certificate, $0) } }
                do throws(SyslogConfigurationError) {
                    let client = try SyslogClient(address: address, authorities: authorities, identity: identity)
                    return SyslogAnchor(
                        name: anchor.name, client: client, host: configuration.agent.workstation, limit: limit, time: time)
                } catch {
                    throw StartFailure("audit.anchors.\(anchor.name): \(error.reason)", isConfiguration: true)
                }
            }
        }
    }

    private func stamping() throws -> (TimestampService, every: Duration)? {
        guard let timestamp = configuration.audit.timestamp else { return nil }
        do throws(TimestampAnchorsError) {
            let anchors = try timestamp.anchors.map { file throws(TimestampAnchorsError) in try TimestampAnchors(file: file) }
            let service = TimestampService(
                address: timestamp.url, anchors: anchors, budget: .seconds(timestamp.timeout), transport: HTTPFetcher(), time: time,
                random: random)
            return (service, .seconds(timestamp.every))
        } catch {
            throw StartFailure("audit.timestamp.anchors: \(error.reason)", isConfiguration: true)
        }
    }
}
