import PCSC
import SmartCard
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ReaderMonitorTests {
    private let reader = "Reader 00 00"
    private let atr: [UInt8] = [0x3B, 0xAC, 0x00]

    /// A monitor over a manager for as long as `body` runs, and what it tells.
    private func watching(_ manager: ScriptedManager, _ body: (inout Watch) async throws -> Void) async throws {
        let monitor = ReaderMonitor(manager: manager)
        monitor.start()
        defer { monitor.stop() }
        var watch = Watch(snapshots: monitor.snapshots.makeAsyncIterator())
        try await body(&watch)
    }

    @Test func noReaderIsToldAtOnce() async throws {
        try await watching(ScriptedManager()) { (watch: inout Watch) async throws in
            #expect(try await watch.running() == ReaderSnapshot(monitoring: .running, readers: []))
        }
    }

    @Test func anEmptyReaderIsTold() async throws {
        try await watching(ScriptedManager(reader)) { (watch: inout Watch) async throws in
            let wanted = ReaderState(name: reader, kind: .unknown, presence: .absent)
            #expect(try await watch.running().readers == [wanted])
        }
    }

    @Test(arguments: [
        ("Virtual PCD 00 00", ReaderKind.virtual), ("My VIRTUAL slot", .virtual), ("Network Reader 00 00", .network),
        ("Gemalto PC Twin 01 00", .unknown),
    ])
    func readersWhoseDriversDoNotTellAreJudgedByTheirNames(name: String, kind: ReaderKind) async throws {
        try await watching(ScriptedManager(name)) { (watch: inout Watch) async throws in
            #expect(try await watch.running().readers.map(\.kind) == [kind])
        }
    }

    /// A virtual machine shows a real reader through a driver whose name says virtual.
    @Test func theDriverIsBelievedBeforeTheName() async throws {
        let name = "VMware Virtual USB CCID 00 00"
        let manager = ScriptedManager(name)
        manager.change { $0.channels[name] = [0x05, 0x01, 0x20, 0x00] }
        try await watching(manager) { (watch: inout Watch) async throws in
            await letTimePass(manager)
            _ = try await watch.running { $0.readers.map(\.kind) == [.usb] }
        }
    }

    /// Lets waits run out, so that what was learned just before one began is told.
    private func letTimePass(_ manager: ScriptedManager) async {
        for _ in 0..<20 {
            await manager.until { $0.waiting == 1 }
            manager.change { $0.expiries += 1 }
        }
    }

    @Test func aDriverThatHangsHoldsUpNothing() async throws {
        let manager = ScriptedManager(reader)
        let gate = Gate()
        manager.change { $0.onChannel = { _ in gate.pass() } }
        try await watching(manager) { (watch: inout Watch) async throws in
            #expect(try await watch.running().readers.map(\.kind) == [.unknown])
            manager.insert(reader, atr: atr)
            #expect(try await watch.insertion().reader == reader)
            gate.open()
        }
    }

    /// Somebody had the reader for himself: the question is asked again.
    @Test func aReaderInUseIsAskedAgain() async throws {
        let manager = ScriptedManager(reader)
        manager.change { state in
            state.channels[reader] = [0x05, 0x01, 0x20, 0x00]
            state.onChannel = { _ throws(PCSCError) in
                let isFirst = manager.change { state in
                    defer { state.onChannel = nil }
                    return state.onChannel != nil
                }
                if isFirst { throw .sharingViolation }
            }
        }
        try await watching(manager) { (watch: inout Watch) async throws in
            #expect(try await watch.running().readers.map(\.kind) == [.unknown])
            await manager.until { $0.onChannel == nil }
            await letTimePass(manager)
            _ = try await watch.running { $0.readers.map(\.kind) == [.usb] }
        }
    }

    @Test func aCardComesAndGoes() async throws {
        let manager = ScriptedManager(reader)
        try await watching(manager) { (watch: inout Watch) async throws in
            _ = try await watch.running()
            manager.insert(reader, atr: atr)
            let insertion = try await watch.insertion()
            #expect(insertion.reader == reader && insertion.atr == atr && insertion.eventCount == 1)
            manager.eject(reader)
            #expect(try await watch.running().readers.map(\.presence) == [.absent])
        }
    }

    @Test func outAndInAgainIsAnotherInsertion() async throws {
        let manager = ScriptedManager(reader)
        manager.insert(reader, atr: atr)
        try await watching(manager) { (watch: inout Watch) async throws in
            let first = try await watch.insertion()
            await manager.until { $0.waiting == 1 }
            manager.change { $0.slots[reader]?.events += 2 }
            let second = try await watch.insertion()
            #expect(second.id != first.id && second.atr == first.atr && second.eventCount == 3)
        }
    }

    /// A reset by another program shows in the flags, not in the counter.
    @Test func aResetByAnotherProgramIsTheSameInsertion() async throws {
        let (manager, other) = (ScriptedManager(reader, "Z"), "Z")
        manager.insert(reader, atr: atr)
        try await watching(manager) { (watch: inout Watch) async throws in
            let first = try await watch.insertion()
            await manager.until { $0.waiting == 1 }
            manager.change { $0.slots[reader]?.isInUse = true }
            // Something that makes the monitor tell.
            manager.insert(other)
            let snapshot = try await watch.running { $0.readers.allSatisfy { $0.presence != .absent } }
            #expect(snapshot.readers.first?.presence == .present(first))
        }
    }

    @Test func anotherAnswerToResetIsAnotherInsertion() async throws {
        let manager = ScriptedManager(reader)
        manager.insert(reader, atr: atr)
        try await watching(manager) { (watch: inout Watch) async throws in
            let first = try await watch.insertion()
            await manager.until { $0.waiting == 1 }
            manager.change {
                $0.slots[reader]?.events += 2
                $0.slots[reader]?.atr = [0x3B, 0x00]
            }
            #expect(try await watch.insertion().id != first.id)
        }
    }

    @Test func aCardThatAnswersNoResetIsMute() async throws {
        let manager = ScriptedManager(reader)
        manager.insert(reader, mute: true)
        try await watching(manager) { (watch: inout Watch) async throws in
            #expect(try await watch.running().readers.map(\.presence) == [.mute])
            manager.eject(reader)
            #expect(try await watch.running().readers.map(\.presence) == [.absent])
        }
    }

    @Test func aReaderIsPluggedAndPulled() async throws {
        let manager = ScriptedManager()
        try await watching(manager) { (watch: inout Watch) async throws in
            _ = try await watch.running()
            await manager.until { $0.waiting == 1 }
            manager.plug(reader)
            manager.insert(reader, atr: atr)
            let first = try await watch.insertion()
            await manager.until { $0.waiting == 1 }
            manager.pull(reader)
            #expect(try await watch.running().readers.isEmpty)
            await manager.until { $0.waiting == 1 }
            manager.plug(reader)
            manager.insert(reader, atr: atr)
            #expect(try await watch.insertion().id != first.id)
        }
    }

    @Test func aReaderPulledBetweenListAndWaitIsToldAtOnce() async throws {
        let manager = ScriptedManager(reader)
        manager.insert(reader, atr: atr)
        try await watching(manager) { (watch: inout Watch) async throws in
            _ = try await watch.insertion()
            await manager.until { $0.waiting == 1 }
            manager.change { state in
                state.onList = { manager in
                    manager.change { $0.onList = nil }
                    manager.pull("Reader 00 00")
                }
                state.expiries += 1
            }
            #expect(try await watch.running().readers.isEmpty)
        }
    }

    /// pcsc-lite does not tell of it; the bounded wait finds it.
    @Test func aReaderPluggedBetweenListAndWaitIsFoundAfterTheWait() async throws {
        let manager = ScriptedManager()
        manager.change {
            $0.onList = { manager in
                manager.change { $0.onList = nil }
                manager.plug("Reader 00 00")
            }
        }
        try await watching(manager) { (watch: inout Watch) async throws in
            await manager.until { $0.waiting == 1 }
            manager.change { $0.expiries += 1 }
            #expect(try await watch.running { !$0.readers.isEmpty }.readers.map(\.name) == [reader])
        }
    }

    @Test func sixteenReadersAreWatched() async throws {
        let manager = ScriptedManager()
        let names = (10..<26).map { "Reader \($0)" }
        for name in names { manager.plug(name) }
        try await watching(manager) { (watch: inout Watch) async throws in
            #expect(try await watch.running().readers.map(\.name) == names)
            manager.insert("Reader 25", atr: atr)
            #expect(try await watch.insertion().reader == "Reader 25")
            await manager.until { $0.waiting == 1 }
            manager.pull("Reader 10")
            #expect(try await watch.running().readers.count == 15)
            await manager.until { $0.waiting == 1 }
            manager.plug("Reader 10")
            #expect(try await watch.running().readers.count == 16)
        }
    }

    @Test func readersBeyondSixteenAreLeftOut() async throws {
        let manager = ScriptedManager()
        for index in 10..<30 { manager.plug("Reader \(index)") }
        try await watching(manager) { (watch: inout Watch) async throws in
            #expect(try await watch.running().readers.count == 16)
        }
    }

    @Test func anAbsentServiceIsToldAndFoundWhenItComes() async throws {
        let manager = ScriptedManager(reader)
        manager.stopService()
        try await watching(manager) { (watch: inout Watch) async throws in
            #expect(try await watch.next { _ in true } == ReaderSnapshot(monitoring: .serviceDown, readers: []))
            manager.startService()
            #expect(try await watch.running().readers.map(\.name) == [reader])
        }
    }

    @Test func aRefusalByPolicyIsToldApart() async throws {
        let manager = ScriptedManager(reader)
        manager.stopService(.securityViolation)
        try await watching(manager) { (watch: inout Watch) async throws in
            #expect(try await watch.next { _ in true } == ReaderSnapshot(monitoring: .notAuthorised, readers: []))
            manager.startService()
            _ = try await watch.running()
        }
    }

    @Test(arguments: [PCSCError.noService, .serviceStopped, .communicationFault, .invalidHandle])
    func aServiceThatEndsDuringAWaitEndsAllInsertions(error: PCSCError) async throws {
        let manager = ScriptedManager(reader)
        manager.insert(reader, atr: atr)
        try await watching(manager) { (watch: inout Watch) async throws in
            let first = try await watch.insertion()
            await manager.until { $0.waiting == 1 }
            manager.stopService(error)
            #expect(try await watch.next { _ in true } == ReaderSnapshot(monitoring: .serviceDown, readers: []))
            manager.startService()
            let second = try await watch.insertion()
            #expect(second.id != first.id && second.eventCount == first.eventCount)
        }
    }

    @Test func aServiceRestartedBetweenTwoWaitsEndsAllInsertions() async throws {
        let manager = ScriptedManager(reader)
        manager.insert(reader, atr: atr)
        try await watching(manager) { (watch: inout Watch) async throws in
            let first = try await watch.insertion()
            await manager.until { $0.waiting == 1 }
            manager.change { $0.contexts = [] }
            #expect(try await watch.next { $0.monitoring == .serviceDown }.readers.isEmpty)
            #expect(try await watch.insertion().id != first.id)
        }
    }

    @Test func aSlowListenerFindsTheNewestSnapshot() async throws {
        let manager = ScriptedManager(reader)
        try await watching(manager) { (watch: inout Watch) async throws in
            await manager.until { $0.waiting == 1 }
            for _ in 0..<5 {
                manager.insert(reader, atr: atr)
                manager.eject(reader)
                manager.insert(reader, atr: atr)
                await manager.until { $0.waiting == 1 }
            }
            let events = manager.change { $0.slots[reader]?.events }
            let last = try await watch.running { $0.readers.first?.presence.insertion?.eventCount == events }
            #expect(last.readers.count == 1)
        }
    }

    @Test func stoppingEndsTheWaitAndTheStream() async throws {
        let manager = ScriptedManager(reader)
        let monitor = ReaderMonitor(manager: manager)
        monitor.start()
        await manager.until { $0.waiting == 1 }
        monitor.stop()
        for await _ in monitor.snapshots {}
        // The driver may still be asked, on another thread, what the reader is.
        await manager.until { $0.contexts.isEmpty }
    }

    @Test func stoppingEndsThePauseBetweenAttempts() async throws {
        let manager = ScriptedManager(reader)
        manager.stopService()
        let monitor = ReaderMonitor(manager: manager)
        monitor.start()
        var snapshots = monitor.snapshots.makeAsyncIterator()
        _ = await snapshots.next(isolation: #isolation)
        monitor.stop()
        while await snapshots.next(isolation: #isolation) != nil {}
        #expect(manager.change { $0.contexts.isEmpty })
    }
}
