import PCSC
import SmartCard
import Testing

/// How often the service is asked, and what becomes of one that does not answer.
@Suite(.timeLimit(.minutes(5)))
struct MonitorPaceTests {
    private let reader = "Reader 00 00"
    private let atr: [UInt8] = [0x3B, 0xAC, 0x00]

    @Test func aServiceThatHangsIsLostAndBeginsNewStaysWhenItIsBack() async throws {
        let manager = ScriptedManager(reader)
        manager.insert(reader, atr: atr)
        // A call is overdue as soon as it is made, for the wait is the only one that a test can look into.
        let monitor = ReaderMonitor(manager: manager, silence: .seconds(-2))
        monitor.start()
        defer { monitor.stop() }
        var watch = Watch(snapshots: monitor.snapshots.makeAsyncIterator())
        let before = try await watch.insertion()
        await manager.until { $0.waiting == 1 }
        monitor.check()
        monitor.check()
        #expect(try await watch.next { _ in true } == ReaderSnapshot(monitoring: .serviceDown, readers: []))
        // What it says late is not believed: the card may have been away.
        manager.change { $0.expiries += 1 }
        let after = try await watch.insertion()
        #expect(after.id != before.id && after.eventCount == before.eventCount)
    }

    @Test func whileNobodyDependsOnItTheServiceIsAskedSeldomAndOftenAgainAtOnce() async throws {
        let manager = ScriptedManager(reader)
        let monitor = ReaderMonitor(manager: manager)
        monitor.start()
        defer { monitor.stop() }
        await manager.until { $0.waiting == 1 && $0.lastWait == 2000 }
        monitor.check(isNeeded: false)
        manager.change { $0.expiries += 1 }
        await manager.until { $0.waiting == 1 && $0.lastWait == 20_000 }
        // A card is told as soon as ever.
        var watch = Watch(snapshots: monitor.snapshots.makeAsyncIterator())
        manager.insert(reader, atr: atr)
        _ = try await watch.insertion()
        await manager.until { $0.waiting == 1 && $0.lastWait == 20_000 }
        monitor.check(isNeeded: true)
        await manager.until { $0.waiting == 1 && $0.lastWait == 2000 }
    }

    @Test func aServiceThatCannotBeWokenFromALongWaitIsLost() async throws {
        let manager = ScriptedManager(reader)
        let monitor = ReaderMonitor(manager: manager, silence: .seconds(-11))
        monitor.start()
        defer { monitor.stop() }
        var watch = Watch(snapshots: monitor.snapshots.makeAsyncIterator())
        await manager.until { $0.waiting == 1 }
        monitor.check(isNeeded: false)
        manager.change { $0.expiries += 1 }
        _ = try await watch.next { _ in true }
        await manager.until { $0.waiting == 1 && $0.lastWait == 20_000 }
        // Its time is long, but not for who needs it now.
        monitor.check(isNeeded: true)
        #expect(try await watch.next { $0.monitoring == .serviceDown } == ReaderSnapshot(monitoring: .serviceDown, readers: []))
    }

    @Test func aServiceThatAnswersInTimeIsNotLost() async throws {
        let manager = ScriptedManager(reader)
        manager.insert(reader, atr: atr)
        let monitor = ReaderMonitor(manager: manager, silence: .seconds(3600))
        monitor.start()
        defer { monitor.stop() }
        var watch = Watch(snapshots: monitor.snapshots.makeAsyncIterator())
        let before = try await watch.insertion()
        await manager.until { $0.waiting == 1 }
        monitor.check()
        manager.eject(reader)
        let after = try await watch.next { _ in true }
        #expect(after.monitoring == .running && after.readers.first?.presence == .absent, "\(before)")
    }
}
