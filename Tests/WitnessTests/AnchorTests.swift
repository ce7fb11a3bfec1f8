import Audit
import Primitives
import Sessions
import Synchronization
import TestSupport
import Testing
import Witness

/// Checkpoints on their way to an anchor.
@Suite(.timeLimit(.minutes(5)))
struct AnchorTests {
    private let memory = Memory()
    private let ledger = MemoryLedger()
    private let clock = ManualClock()
    private let target = Target()

    private func anchor() -> Anchor { Anchor(target, memory: memory, ledger: ledger, time: clock) { _ in } }

    @Test func eachCheckpointGoesThereOnceAndInOrder() async {
        let anchor = anchor()
        memory.sign(2, 5, 9)
        #expect(await anchor.catchUp())
        #expect(target.notes == ["note 2\n", "note 5\n", "note 9\n"])
        memory.sign(12)
        #expect(await anchor.catchUp())
        #expect(await anchor.catchUp())
        #expect(target.notes.count == 4)
    }

    @Test func whatWaitedWhileItWasAwayComesAfterwards() async {
        let anchor = anchor()
        target.fails(.tooSlow)
        for size in UInt64(1)...200 { memory.sign(size) }
        #expect(await !anchor.catchUp())
        target.fails(nil)
        #expect(await anchor.catchUp())
        #expect(target.notes.count == 200)
    }

    @Test func itGoesOnWhereItWasAfterARestart() async {
        memory.sign(2, 5)
        #expect(await anchor().catchUp())
        memory.sign(7)
        #expect(await anchor().catchUp())
        #expect(target.notes == ["note 2\n", "note 5\n", "note 7\n"])
        #expect(ledger.events == [.auditAnchored])
    }

    @Test func aFailureIsToldOnceUntilItChanges() async {
        let anchor = anchor()
        memory.sign(2)
        for failure in [FetchFailure.tooSlow, .tooSlow, .unreachable("a"), .unreachable("b"), .status(500), .status(503)] {
            target.fails(failure)
            #expect(await !anchor.catchUp())
        }
        target.fails(nil)
        for size in UInt64(3)...6 {
            memory.sign(size)
            #expect(await anchor.catchUp())
        }
        #expect(ledger.events == [.auditAnchorFailed, .auditAnchorFailed, .auditAnchorFailed, .auditAnchorFailed, .auditAnchored])
        #expect(ledger.traces.first?.detail?["anchor"] == "vault")
    }

    @Test func aTraceThatMakesANewCheckpointEndsByItself() async {
        let anchor = anchor()
        memory.sign(2)
        // As the agent does: each trace is followed by a checkpoint.
        for _ in 0..<10 {
            #expect(await anchor.catchUp())
            memory.sign(2 + UInt64(ledger.traces.count))
        }
        #expect(ledger.events == [.auditAnchored])
    }

    @Test func withoutTheLedgerNothingIsLost() async {
        let anchor = anchor()
        memory.sign(2)
        target.fails(.tooSlow)
        ledger.setFails(true)
        #expect(await !anchor.catchUp())
        ledger.setFails(false)
        #expect(await !anchor.catchUp())
        #expect(ledger.events == [.auditAnchorFailed])
    }

    @Test func pausesGrowWhileItFailsAndAWakeStartsIt() async {
        let anchor = anchor()
        let pauses = Mutex<[Duration]>([])
        memory.sign(2)
        target.fails(.tooSlow)
        let target = target
        let work = Task {
            await anchor.run { pause in
                let count = pauses.withLock { pauses in
                    pauses.append(pause)
                    return pauses.count
                }
                if count == 10 { target.fails(nil) }
            }
        }
        #expect(await eventually { target.notes.count == 1 })
        #expect(pauses.withLock { $0 } == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900].map { Duration.seconds($0) })
        memory.sign(3)
        anchor.wake()
        #expect(await eventually { target.notes.count == 2 })
        work.cancel()
        await work.value
    }

    @Test func statusSaysSinceWhenNobodyVouches() async throws {
        let (anchor, other) = (anchor(), Target())
        let silent = Anchor(other, memory: Memory(), ledger: ledger, time: clock) { _ in }
        memory.sign(5)
        #expect(await anchor.catchUp())
        func time(_ seq: UInt64) async throws(LedgerFailure) -> JSON { .string("t\(seq)") }
        let view = try await Witnesses(anchors: [anchor, silent]).view(size: 7, time: time)
        #expect(view.last["size"] == 5 && view.last["name"] == "vault")
        #expect(view.unanchoredSince == "t5")
        #expect(view.anchors.array?.map { $0["unanchored_since"] } == ["t5", "t0"])
        #expect(try await Witnesses(anchors: [anchor]).view(size: 5, time: time).unanchoredSince == .null)
        #expect(try await Witnesses().view(size: 7, time: time).unanchoredSince == "t0")
    }
}

struct CheckpointPaceTests {
    @Test func aCheckpointIsDueAfterSoManyTraces() async {
        let pace = CheckpointPace(every: 10, from: 5)
        for size in UInt64(6)...14 { #expect(!pace.grown(to: size)) }
        #expect(pace.grown(to: 15))
        for size in UInt64(16)...24 { #expect(!pace.grown(to: size)) }
        #expect(pace.grown(to: 100))
        #expect(!pace.grown(to: 101))
        var crossings = pace.crossings.makeAsyncIterator()
        #expect(await crossings.next() != nil)
    }
}
