import Audit
import Foundation
import Handover
import Primitives
import Synchronization
import Testing

/// A clock that a test moves.
private final class Clock: TimeSource {
    private let passed = Mutex(Duration.zero)

    func pass(_ time: Duration) { passed.withLock { $0 += time } }
    func now() -> Timestamp { Timestamp(milliseconds: Int64(passed.withLock { $0 } / .milliseconds(1))) }
    func sinceBoot() -> Duration { passed.withLock { $0 } }
    func awake() -> Duration { sinceBoot() }
}

/// A log in memory; traces that the forwarder writes about itself are appended to it, as they are in the agent.
private final class Log: ForwardSource {
    private struct State {
        var leaves: [(seq: UInt64, leaf: [UInt8])] = []
        var size: UInt64 = 0
        var places: [String: UInt64] = [:]
        var drafts: [TraceDraft] = []
        var cannotKeep = false
    }

    private let state = Mutex(State())

    init(_ count: Int) { for _ in 0..<count { append() } }

    var size: UInt64 { state.withLock { $0.size } }
    var drafts: [TraceDraft] { state.withLock { $0.drafts } }
    var events: [TraceEvent] { drafts.map(\.event) }

    func append(_ draft: TraceDraft? = nil) {
        state.withLock { state in
            state.leaves.append((state.size, Array("\(state.size)".utf8)))
            state.size += 1
            if let draft { state.drafts.append(draft) }
        }
    }

    func drop(_ range: Range<UInt64>) { state.withLock { state in state.leaves.removeAll { range.contains($0.seq) } } }
    func setCannotKeep(_ value: Bool) { state.withLock { $0.cannotKeep = value } }
    func cut(to size: UInt64) {
        state.withLock { state in
            state.leaves.removeAll { $0.seq >= size }
            state.size = size
        }
    }

    func traces(from: UInt64, limit: Int) async throws(ForwardSourceFailure) -> [(seq: UInt64, leaf: [UInt8])] {
        state.withLock { Array($0.leaves.filter { $0.seq >= from }.prefix(limit)) }
    }

    func place(of target: String) async throws(ForwardSourceFailure) -> UInt64 { state.withLock { $0.places[target] ?? 0 } }

    func setPlace(of target: String, to next: UInt64) async throws(ForwardSourceFailure) {
        let isKept = state.withLock { state in
            guard !state.cannotKeep else { return false }
            state.places[target] = next
            return true
        }
        guard isKept else { throw ForwardSourceFailure(reason: "told to fail") }
    }
}

/// Remembers what it was given, and fails as told.
private final class Target: ForwardTarget {
    let name = "siem"
    let kind = "syslog"
    let batch = 3
    private let state = Mutex<(taken: [String], failure: HandingFailure?)>(([], nil))

    var taken: [String] { state.withLock { $0.taken } }

    func fail(after handed: Int?) {
        state.withLock { $0.failure = handed.map { HandingFailure(handed: $0, .unreachable("told to fail")) } }
    }

    func hand(_ leaves: [[UInt8]]) async throws(HandingFailure) {
        let failure = state.withLock { state in
            state.taken += leaves.prefix(state.failure?.handed ?? leaves.count).map { String(decoding: $0, as: UTF8.self) }
            return state.failure
        }
        if let failure { throw failure }
    }
}

struct ForwarderTests {
    private let clock = Clock()
    private let target = Target()

    private func forwarder(_ log: Log) -> Forwarder { Forwarder(target, source: log, time: clock) { log.append($0) } }

    /// Works until nothing is due.
    private func drain(_ forwarder: Forwarder) async { while await forwarder.work() {} }

    private static func numbers(_ range: Range<Int>) -> [String] { range.map(String.init) }

    @Test func everythingIsHandedOverOnceAndInOrder() async throws {
        let log = Log(8)
        let forwarder = forwarder(log)
        await drain(forwarder)
        #expect(target.taken == Self.numbers(0..<8))
        #expect(try await log.place(of: "siem") == 8)
        log.append()
        await drain(forwarder)
        #expect(target.taken == Self.numbers(0..<9))
        #expect(await forwarder.status["backlog"] == 0)
        #expect(await forwarder.status["state"] == "ok")
        #expect(log.events.isEmpty)
    }

    @Test func anotherRunGoesOnWhereTheLastOneWas() async throws {
        let log = Log(5)
        await drain(forwarder(log))
        log.append()
        await drain(forwarder(log))
        #expect(target.taken == Self.numbers(0..<6))
    }

    @Test func placeThatWasNotKeptIsHandedOverAgain() async throws {
        let log = Log(2)
        log.setCannotKeep(true)
        await drain(forwarder(log))
        log.setCannotKeep(false)
        await drain(forwarder(log))
        #expect(Array(target.taken.prefix(4)) == ["0", "1", "0", "1"])
    }

    @Test func failureIsToldOnceAndSoIsItsEnd() async throws {
        let log = Log(5)
        let forwarder = forwarder(log)
        target.fail(after: 1)
        await drain(forwarder)
        #expect(target.taken == ["0"])
        #expect(log.events == [.auditForwardFailed])
        #expect(log.drafts[0].detail?["detail"]?.string?.contains("told to fail") == true)
        #expect(await forwarder.status["state"] == "failing")
        #expect(await forwarder.status["backlog"] == 5)
        // Nothing is tried before the pause is over.
        await drain(forwarder)
        #expect(target.taken == ["0"])
        target.fail(after: 0)
        for _ in 0..<5 {
            clock.pass(.seconds(60))
            await drain(forwarder)
        }
        #expect(log.events == [.auditForwardFailed])
        target.fail(after: nil)
        clock.pass(.seconds(600))
        await drain(forwarder)
        #expect(log.events == [.auditForwardFailed, .auditForwardRestored])
        #expect(target.taken == Self.numbers(0..<7))
        #expect(await forwarder.status["failing_since"] == .null)
    }

    @Test func pausesGrowToFiveMinutes() async throws {
        let log = Log(1)
        let forwarder = forwarder(log)
        target.fail(after: 0)
        for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            await drain(forwarder)
            clock.pass(.seconds(pause) - .milliseconds(1))
            target.fail(after: nil)
            await drain(forwarder)
            #expect(target.taken.isEmpty)
            target.fail(after: 0)
            clock.pass(.milliseconds(1))
        }
    }

    /// Each telling is itself forwarded, which fails again: that must not go round for ever.
    @Test func targetThatComesAndGoesDoesNotFillTheLog() async throws {
        let log = Log(1)
        let forwarder = forwarder(log)
        for _ in 0..<100 {
            target.fail(after: 0)
            await drain(forwarder)
            log.append()
            target.fail(after: nil)
            clock.pass(.seconds(3))
            await drain(forwarder)
        }
        #expect(log.events.count <= 2)
    }

    @Test func droppedBodiesAreStruckOut() async throws {
        let log = Log(10)
        log.drop(2..<9)
        await drain(forwarder(log))
        #expect(target.taken == ["0", "1", "9"])
        log.drop(9..<10)
        log.append()
        log.drop(10..<11)
        await drain(forwarder(log))
        #expect(try await log.place(of: "siem") == 11)
    }

    @Test func logThatWasReplacedByAShorterOneIsHandedOverFromItsBeginning() async throws {
        let log = Log(6)
        await drain(forwarder(log))
        log.cut(to: 2)
        await drain(forwarder(log))
        #expect(target.taken == Self.numbers(0..<6) + Self.numbers(0..<2))
    }
}
