import Audit
import BreakGlass
import Logging
import LoginFlow
import MobileSessions
import PCSC
import Platform
import Primitives
import ServiceLifecycle
import Sessions
import Store
import Vitals
import Witness

/// What has to happen now and then: ends what is over, signs checkpoints, takes in a new matrix of rights, notices that the machine
/// slept, that the wall clock was set, and that the PC/SC service hangs.
struct Upkeep: Service {
    let registry: SessionRegistry
    let desk: LoginDesk
    let mobile: MobileDesk
    let emergencies: EmergencyDesk
    let rights: HabilitationKeeper
    let monitor: ReaderMonitor
    let attention: Attention
    let pulse: Pulse
    let log: TraceLog
    let ledger: any Ledger
    let time: any TimeSource
    let floor: ClockFloor
    /// Seconds between two checkpoints while there are new traces.
    let checkpointEvery: Int64
    let witnesses: Witnesses
    let logger: Logger

    func run() async throws {
        var clocks = ClockWatch(time)
        var behind = FloorWatch(floor)
        var nextCheckpoint = time.sinceBoot() + .seconds(checkpointEvery)
        // The start, or the last person's work.
        var isToBeReleased = true
        for await isNeeded in Looks(attention: attention, registry: registry).cancelOnGracefulShutdown() {
            await registry.take(clocks.look())
            if let seconds = behind.look() { await registry.tell(secondsBehind: seconds, floor.floor) }
            monitor.check(isNeeded: isNeeded)
            await desk.expire()
            await mobile.look()
            await log.recover()
            await registry.sweep()
            await emergencies.look()
            await registry.refusals.flush()
            await rights.look()
            if isToBeReleased, !isNeeded { platform_release_memory() }
            isToBeReleased = isNeeded
            pulse.beat()
            guard time.sinceBoot() >= nextCheckpoint else { continue }
            nextCheckpoint = time.sinceBoot() + .seconds(checkpointEvery)
            await log.sign(for: witnesses, logger)
        }
    }
}

/// One element each time that it is time to look: whether anybody depends on what is seen.
private struct Looks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    let attention: Attention
    let registry: SessionRegistry

    func next() async -> Bool? {
        await attention.rest(!registry.liveIDs.isEmpty)
        guard !Task.isCancelled else { return nil }
        let somebodyIsIn = await !registry.liveIDs.isEmpty
        return somebodyIsIn || attention.isCalledFor
    }

    func makeAsyncIterator() -> Looks { self }
}
