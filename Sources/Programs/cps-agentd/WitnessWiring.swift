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
    private let floor: ClockFloor?

    init(_ configuration: AgentConfiguration, _ time: SystemTime, _ random: SystemRandom, _ floor: ClockFloor? = nil) {
        self.configuration = configuration
        self.time = time
        self.random = random
        self.floor = floor
    }

    /// Reads every file that the configuration names.
    func check() throws {
        _ = try targets()
        _ = try stamping()
    }

    func witnesses(_ log: TraceLog, _ ledger: StoreLedger, _ report: @escaping @Sendable (String) -> Void) throws -> Witnesses {
        let memory = StoreWitnessMemory(log)
        let stamps = try stamping().map { service in
            CheckpointStamps(
                service, every: .seconds(configuration.audit.timestampEvery), memory: memory, ledger: ledger, time: time, report: report)
        }
        return Witnesses(
            anchors: try targets().map { Anchor($0, memory: memory, ledger: ledger, time: time, report: report) }, stamps: stamps)
    }

    /// Whoever keeps emergencies that this machine cannot write: the anchors that say that they have kept something. `nil` when there is none.
    static func outside(_ configuration: AgentConfiguration) -> HTTPWitness? {
        HTTPWitness(
            configuration.audit.anchors.compactMap { anchor in
                guard case .http(let address) = anchor.target else { return nil }
                return HTTPWitness.Server(name: anchor.name, address: address, limit: .seconds(anchor.timeout))
            })
    }

    private func targets() throws -> [any AnchorTarget] {
        try configuration.audit.anchors.map { anchor -> any AnchorTarget in
            let limit = Duration.seconds(anchor.timeout)
            switch anchor.target {
            case .file(let path): return FileAnchor(name: anchor.name, path: path)
            case .http(let address): return HTTPAnchor(name: anchor.name, address: address, limit: limit)
            case .syslog(let server):
                do throws(SyslogConfigurationError) {
                    return SyslogAnchor(
                        name: anchor.name, client: try SyslogClient(server), host: configuration.agent.workstation, limit: limit, time: time
                    )
                } catch {
                    throw StartFailure(configuration: error.text.of("audit.anchors.\(anchor.name)"))
                }
            }
        }
    }

    private func stamping() throws -> TimestampService? {
        try configuration.audit.timestamp?.service("audit.timestamp", time, random, floor)
    }
}

extension TimestampSection {
    /// - Parameters:
    ///   - key: where the configuration has this.
    ///   - floor: learns the times that were stamped; `nil` for a check that starts nothing.
    func service(_ key: String, _ time: SystemTime, _ random: SystemRandom, _ floor: ClockFloor?) throws -> TimestampService {
        do throws(TimestampAnchorsError) {
            return TimestampService(
                address: url, anchors: try anchors.map { file throws(TimestampAnchorsError) in try TimestampAnchors(file: file) },
                budget: .seconds(timeout), transport: HTTPFetcher(), time: time, random: random, floor: floor)
        } catch {
            throw StartFailure(configuration: error.text.of("\(key).anchors"))
        }
    }
}

extension SyslogClient {
    init(_ server: SyslogServer) throws(SyslogConfigurationError) {
        let identity: (certificate: String, key: String)? =
            if let certificate = server.certificate, let key = server.key { (certificate, key) } else { nil }
        try self.init(address: server.address, authorities: server.authorities, identity: identity)
    }
}
