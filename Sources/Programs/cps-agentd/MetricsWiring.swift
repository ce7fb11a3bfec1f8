import Audit
import ConfigurationFile
import HTTPServing
import Handover
import Logging
import LoginFlow
import MetricsAPI
import Primitives
import Sessions
import Store
import Vitals
import Witness

/// Where the figures come from, and who may ask for them, by the configuration.
struct MetricsWiring {
    /// Connections of the listeners, by name.
    struct Tallies: Sendable {
        let local = ConnectionTally()
        let mobile = ConnectionTally()
        let metrics = ConnectionTally()
    }

    let counts: TraceCounts
    let tallies: Tallies
    let log: TraceLog
    let registry: SessionRegistry
    let board: CardBoard
    let trust: TrustKeeper
    let witnesses: Witnesses
    let forwarders: [Forwarder]
    let budgets: CallerBudgets
    let time: any TimeSource
    let started: Timestamp

    /// `nil` where nobody may ask.
    func listener(_ section: MetricsSection, _ health: Health, _ logger: Logger) throws -> MetricsListener? {
        guard let listen = section.listen else { return nil }
        let api = MetricsAPI(health: health, time: time) { await figures() }
        switch listen {
        case .port(let endpoint):
            do throws(ListeningPort.Failure) {
                let port = try ListeningPort.bound(host: endpoint.host, port: endpoint.port)
                return MetricsListener(api, on: port, tally: tallies.metrics, logger: logger)
            } catch {
                throw StartFailure("metrics.listen: \(error)")
            }
        case .socket(let path):
            do throws(ListeningSocket.Failure) {
                let socket = try ListeningSocket.bound(path: path, mode: 0o660)
                return MetricsListener(api, on: socket, tally: tallies.metrics, logger: logger)
            } catch {
                throw StartFailure("metrics.listen: \(error)")
            }
        }
    }

    private func figures() async -> Exposition {
        var all = Exposition()
        all.add(.buildInfo, [AgentVersion.current], value: 1)
        all.add(.startTime, value: Double(started.milliseconds) / 1000)
        await addReaders(to: &all)
        await addSessions(to: &all)
        counts.add(to: &all)
        await addLog(to: &all)
        await addForwarding(to: &all)
        let age = await trust.dataAge
        all.add(.revocationFresh, count: age.isFresh ? 1 : 0)
        if let seconds = age.seconds { all.add(.revocationAge, count: seconds) }
        for (name, tally) in [("local", tallies.local), ("mobile", tallies.mobile), ("metrics", tallies.metrics)] {
            all.add(.connections, [name], count: tally.open)
            all.add(.connectionsRefused, [name], count: tally.refused)
        }
        for (kind, count) in budgets.refusals { all.add(.budgetRefusals, [kind.name], count: count) }
        return all
    }

    private func addReaders(to all: inout Exposition) async {
        let (monitoring, readers) = (await board.monitoring, await board.views)
        all.add(.monitoring, each: ["starting", "running", "service_down", "not_authorised"]) { $0 == monitoring }
        for state in ReaderView.CardState.allCases {
            all.add(.readers, [state.rawValue], count: readers.count { $0.cardState == state })
        }
    }

    private func addSessions(to all: inout Exposition) async {
        let sessions = await registry.liveKinds
        for mode in [Session.Mode.card, .mobile, .degraded] {
            for state in [Session.State.profileRequired, .active, .locked] {
                all.add(.sessions, [mode.rawValue, state.rawValue], count: sessions.count { $0.mode == mode && $0.state == state })
            }
        }
    }

    private func addLog(to all: inout Exposition) async {
        let (size, now) = (log.head.size, time.now())
        all.add(.logTraces, count: size)
        // What cannot be read is left out.
        if let checkpoint = (try? await log.newestCheckpoint()) ?? nil {
            all.add(.logUnsigned, count: size - min(size, checkpoint.size))
            all.add(.checkpointAge, value: Self.age(of: checkpoint.at, now))
        }
        for anchor in witnesses.anchors {
            guard let record = try? await anchor.record() else { continue }
            all.add(.anchorBehind, [anchor.target.name], count: size - min(size, record.size))
            if let at = record.at { all.add(.anchorAge, [anchor.target.name], value: Self.age(of: at, now)) }
        }
        guard let reserve = log.reserve?.status else { return }
        all.add(.reserveState, each: ReserveStatus.State.allCases.map(\.rawValue)) { $0 == reserve.state.rawValue }
        all.add(.reserveSize, count: reserve.size)
        all.add(.reserveUsed, count: reserve.used)
    }

    private func addForwarding(to all: inout Exposition) async {
        for forwarder in forwarders {
            let status = await forwarder.status
            guard let name = status["name"]?.string else { continue }
            all.add(.forwardBacklog, [name], count: status["backlog"]?.int ?? 0)
            all.add(.forwardFailing, [name], count: status["state"]?.string == "failing" ? 1 : 0)
        }
    }

    /// Seconds; none for what a wall clock that was set has put into the future.
    private static func age(of then: Timestamp, _ now: Timestamp) -> Double {
        Double(max(0, now.milliseconds - then.milliseconds)) / 1000
    }
}
