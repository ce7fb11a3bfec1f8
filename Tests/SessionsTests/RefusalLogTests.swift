import Audit
import Primitives
import Sessions
import TestSupport
import Testing

struct RefusalLogTests {
    private let clock = ManualClock()
    private let ledger = MemoryLedger()
    private let log: RefusalLog

    init() {
        log = RefusalLog(ledger: ledger, time: clock, report: { _ in })
    }

    private func refusal(
        _ code: ErrorCode = .scopeDenied, uid: UInt32 = 1000, pid: Int32 = 1, session: String? = "s1", scope: String = "record:write",
        event: TraceEvent = .tokenRefused
    ) -> TraceDraft {
        var draft = TraceDraft(event, .refused, at: clock.now())
        draft.client = Caller(uid: uid, gid: uid, pid: pid).json
        draft.code = code.rawValue
        draft.session = session
        draft.detail = ["scope": .string(scope), "retry_after": .int(Int64(pid))]
        return draft
    }

    /// How many refusals the traces stand for.
    private var sum: Int { ledger.traces.reduce(0) { $0 + ($1.count ?? 1) } }

    @Test func tenThousandRefusalsMakeAHandfulOfTracesWithTheirSum() async throws {
        for number in 0..<10_000 {
            try await log.write(refusal(pid: Int32(number)))
            if number % 2500 == 2499 {
                clock.advance(seconds: 61)
                await log.flush()
            }
        }
        #expect(ledger.traces.count == 8)
        #expect(sum == 10_000)
    }

    @Test func firstRefusalIsWrittenAtOnceAndAsItWas() async throws {
        try await log.write(refusal(pid: 5))
        #expect(ledger.traces == [refusal(pid: 5)])
    }

    @Test func countWaitsForTheEndOfTheWindow() async throws {
        try await log.write(refusal())
        clock.advance(seconds: 10)
        try await log.write(refusal())
        let second = clock.now()
        await log.flush()
        #expect(ledger.traces.count == 1)
        clock.advance(seconds: 50)
        await log.flush()
        let trace = try #require(ledger.traces.last)
        #expect(trace.count == 1)
        #expect(trace.time == clock.now())
        #expect(trace.client?["pid"] == nil)
        #expect(trace.detail?["since"]?.string == second.description)
        #expect(trace.detail?["scope"]?.string == "record:write")
        // The next one is a first again.
        try await log.write(refusal())
        #expect(ledger.traces.count == 3)
    }

    @Test func stopWritesWhatIsCounted() async throws {
        for _ in 0..<3 { try await log.write(refusal()) }
        await log.flush(all: true)
        #expect(ledger.traces.map(\.count) == [nil, 2])
        await log.flush(all: true)
        #expect(ledger.traces.count == 2)
    }

    @Test func refusalThatDiffersIsWrittenAtOnce() async throws {
        let all = [
            refusal(), refusal(.sessionEnded), refusal(uid: 1001), refusal(session: "s2"), refusal(scope: "record:read"),
            refusal(event: .sessionRefused),
        ]
        for draft in all { try await log.write(draft) }
        #expect(ledger.traces == all)
    }

    @Test func whoVariesARefusalDoesNotFillTheLog() async throws {
        for number in 0..<1000 { try await log.write(refusal(session: "s\(number)")) }
        // Another user's refusal is not held up by that.
        try await log.write(refusal(uid: 1001, session: "mine"))
        #expect(ledger.traces.last?.session == "mine")
        await log.flush(all: true)
        #expect(ledger.traces.count == RefusalLog.mostVaried + 3)
        #expect(sum == 1001)
        let rest = try #require(ledger.traces.last)
        #expect((rest.code, rest.session, rest.count) == ("scope_denied", nil, 1000 - RefusalLog.mostVaried - 1))
    }

    @Test func refusalThatCannotBeWrittenIsNoAnswer() async throws {
        ledger.setFails(true)
        await #expect(throws: Refusal(.traceUnavailable)) { try await log.write(refusal()) }
        ledger.setFails(false)
        // It opened no window: the next one is written.
        try await log.write(refusal())
        #expect(ledger.traces.count == 1)
    }

    @Test func countThatCannotBeWrittenIsKept() async throws {
        for _ in 0..<3 { try await log.write(refusal()) }
        ledger.setFails(true)
        await log.flush(all: true)
        ledger.setFails(false)
        try await log.write(refusal())
        await log.flush(all: true)
        #expect(sum == 4)
    }
}
