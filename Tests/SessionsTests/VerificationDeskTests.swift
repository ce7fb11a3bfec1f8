import Audit
import Primitives
import Sessions
import Synchronization
import TestSupport
import Testing

/// A log whose check goes on until the test lets it, and tells how far it is when the test says so.
private final class SlowLog: AuditReading {
    private struct State {
        var result: Result<AuditCheck, LedgerFailure> = .success(.sound(size: 10, root: .emptyTree, checkpoint: nil))
        var progress: (@Sendable (UInt64, UInt64) -> Void)?
        var waiting: CheckedContinuation<Void, Never>?
        var wasCancelled = false
    }

    private static let none = LedgerFailure(reason: "no log")
    private let state = Mutex(State())
    let verificationKey = ""
    let reserve: ReserveStatus? = nil

    var isChecking: Bool { state.withLock { $0.waiting != nil } }
    var wasCancelled: Bool { state.withLock { $0.wasCancelled } }

    func tell(_ done: UInt64, of total: UInt64) { state.withLock { $0.progress }?(done, total) }

    func end(_ result: Result<AuditCheck, LedgerFailure>? = nil) {
        let waiting = state.withLock { state in
            if let result { state.result = result }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    func check(progress: @escaping @Sendable (UInt64, UInt64) -> Void) async throws(LedgerFailure) -> AuditCheck {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting in
                state.withLock { state in
                    state.progress = progress
                    state.waiting = waiting
                }
            }
        } onCancel: {
            state.withLock { $0.wasCancelled = true }
            end(.failure(LedgerFailure(reason: "cancelled")))
        }
        return try state.withLock { $0.result }.get()
    }

    func traces(from: UInt64, limit: Int) async throws(LedgerFailure) -> [(seq: UInt64, leaf: [UInt8])] { throw Self.none }
    func search(_ query: TraceQuery) async throws(LedgerFailure) -> TracePage { throw Self.none }
    func checkpoint() async throws(LedgerFailure) -> String { throw Self.none }
    func manifest(_ range: ClosedRange<UInt64>?) async throws(LedgerFailure) -> (manifest: BundleManifest, note: String)? {
        throw Self.none
    }
    func inclusion(of seq: UInt64, size: UInt64?) async throws(LedgerFailure) -> InclusionProof? { throw Self.none }
    func consistency(from: UInt64, size: UInt64?) async throws(LedgerFailure) -> ConsistencyProof? { throw Self.none }
    func stamps(upTo size: UInt64) async throws(LedgerFailure) -> [BundleStamp] { throw Self.none }
    func keys() async throws(LedgerFailure) -> [JSON] { throw Self.none }
    func rotateKey(_ trace: TraceDraft) async throws(LedgerFailure) -> String { throw Self.none }
    func rollback() async throws(LedgerFailure) -> JSON? { throw Self.none }
}

@Suite(.timeLimit(.minutes(2)))
struct VerificationDeskTests {
    private let log = SlowLog()
    private let ledger = MemoryLedger()
    private let clock = ManualClock()
    private let desk: VerificationDesk

    init() {
        desk = VerificationDesk(audit: log, ledger: ledger, time: clock, random: CountingRandom(), sleep: { _ in await Task.yield() })
    }

    private func begin() async throws -> String {
        var draft = TraceDraft(.auditVerified, .granted, at: clock.now())
        draft.detail = ["rules": ["role.audit"]]
        let begun = try await desk.begin(draft, of: 1000)
        #expect(begun["state"] == "running")
        #expect(await eventually { log.isChecking })
        return try #require(begun["id"]?.string)
    }

    private func state(_ id: String) async throws -> JSON { try await desk.state(id, of: 1000, isPatient: false) }

    private func ended(_ id: String) async throws -> JSON {
        #expect(await eventually { (try? await state(id))?["state"] != "running" })
        return try await state(id)
    }

    @Test func askerSeesHowFarItIsAndWhatItFound() async throws {
        let id = try await begin()
        log.tell(4, of: 10)
        let running = try await desk.state(id, of: 1000, isPatient: true)
        #expect(running["state"] == "running")
        #expect(running["done"] == 4)
        #expect(running["of"] == 10)
        #expect(ledger.traces.isEmpty)
        log.end()
        let done = try await ended(id)
        #expect(done["state"] == "done")
        #expect(done["result"]?["valid"] == true)
        #expect(done["result"]?["size"] == 10)
        let trace = try #require(ledger.traces(of: .auditVerified).first)
        #expect(trace.outcome == .granted)
        #expect(trace.detail?["size"] == 10)
        #expect(trace.detail?["rules"] == ["role.audit"])
    }

    @Test func damageIsFoundAndTraced() async throws {
        let id = try await begin()
        log.end(.success(.broken(firstBad: 3, reason: "trace 3 was changed")))
        let done = try await ended(id)
        #expect(done["result"] == ["valid": false, "first_bad": 3, "detail": "trace 3 was changed"])
        #expect(ledger.traces.first?.outcome == .failed)
    }

    @Test func resultThatCannotBeTracedIsNotTold() async throws {
        let id = try await begin()
        ledger.setFails(true)
        log.end()
        let done = try await ended(id)
        #expect(done["state"] == "failed")
        #expect(done["result"] == nil)
    }

    @Test func logThatCannotBeReadIsAFailure() async throws {
        let id = try await begin()
        log.end(.failure(LedgerFailure(reason: "no disk")))
        #expect(try await ended(id)["state"] == "failed")
        #expect(ledger.traces.isEmpty)
    }

    @Test func oneCheckAtATime() async throws {
        let id = try await begin()
        await #expect(throws: Refusal(.rateLimited, ["retry_after": 5, "detail": "the log is being verified already"])) {
            try await begin()
        }
        log.end()
        _ = try await ended(id)
        _ = try await begin()
        await #expect(throws: Refusal(.notFound)) { try await state(id) }
    }

    @Test func askerCanCancel() async throws {
        let id = try await begin()
        try await desk.cancel(id, of: 1000)
        #expect(await eventually { log.wasCancelled })
        await #expect(throws: Refusal(.notFound)) { try await state(id) }
        #expect(ledger.traces.isEmpty)
        _ = try await begin()
    }

    @Test func checkThatNobodyAsksAboutEnds() async throws {
        let id = try await begin()
        clock.advance(seconds: 29)
        log.tell(1, of: 10)
        #expect(try await state(id)["state"] == "running")
        clock.advance(seconds: 31)
        log.tell(2, of: 10)
        #expect(await eventually { log.wasCancelled })
        await #expect(throws: Refusal(.notFound)) { try await state(id) }
    }

    /// It may tell nothing for long: then the next one who asks ends it.
    @Test func forgottenCheckMakesWay() async throws {
        _ = try await begin()
        clock.advance(seconds: 31)
        _ = try await begin()
        #expect(log.wasCancelled)
    }

    @Test func othersSeeNothingOfIt() async throws {
        let id = try await begin()
        await #expect(throws: Refusal(.notFound)) { try await desk.state(id, of: 1001, isPatient: false) }
        await #expect(throws: Refusal(.notFound)) { try await desk.cancel(id, of: 1001) }
        await #expect(throws: Refusal(.notFound)) { try await state("other") }
        #expect(!log.wasCancelled)
        log.end()
    }
}
