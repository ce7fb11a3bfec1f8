import Audit
import BreakGlass
import Primitives
import Sessions
import Synchronization
import TestSupport
import Testing

/// A channel that tests can have fail.
private final class Line: Sendable {
    private let state = Mutex<(failure: FetchFailure?, heard: [JSON])>((nil, []))

    var heard: [JSON] { state.withLock { $0.heard } }

    func fail(_ failure: FetchFailure?) { state.withLock { $0.failure = failure } }

    func channel(_ name: String = "webhook") -> EmergencyChannel {
        EmergencyChannel(name) { document async throws(FetchFailure) in
            let failure = self.state.withLock { state in
                if state.failure == nil { state.heard.append(.string(String(decoding: document, as: UTF8.self))) }
                return state.failure
            }
            if let failure { throw failure }
        }
    }
}

struct TellingTests {
    private let line = Line()

    private func telling(_ world: ReviewWorld) -> EmergencyTeller { world.tellers[0] }

    private func told(_ world: ReviewWorld) -> [KeptRecord] { world.ledger.kept(.notice) }

    @Test func declarationIsToldOnceAndThatIsKept() async throws {
        let world = try await ReviewWorld(channels: [line.channel()])
        let emergency = try await world.declared()
        #expect(await telling(world).tellNext())
        #expect(await telling(world).tellNext())
        #expect(line.heard.count == 1)
        let notice = line.heard.first?.string ?? ""
        #expect(notice.contains("\"occasion\":\"declared\"") && notice.contains(emergency.id) && notice.contains("ws-042"))
        #expect(told(world).map(\.key) == [emergency.id])
        #expect(world.reports.all.contains { $0.contains(emergency.id) && $0.contains("vital_emergency") })
    }

    @Test func failureIsTracedOnceAndTriedAgain() async throws {
        let world = try await ReviewWorld(channels: [line.channel()])
        line.fail(.status(503))
        let emergency = try await world.declared()
        for _ in 0..<3 { #expect(await !telling(world).tellNext()) }
        let traces = world.ledger.traces(of: .breakGlassNoticeFailed)
        #expect(traces.count == 1 && traces.first?.detail?["break_glass"] == .string(emergency.id))
        #expect(told(world).isEmpty)
        line.fail(nil)
        #expect(await telling(world).tellNext())
        #expect(line.heard.count == 1 && told(world).count == 1)
    }

    @Test func pausesGrow() async throws {
        let world = try await ReviewWorld(channels: [line.channel()])
        line.fail(.tooSlow)
        _ = try await world.declared()
        let pauses = Mutex<[Duration]>([])
        struct Over: Error {}
        await telling(world).run { pause in
            let count = pauses.withLock { pauses in
                pauses.append(pause)
                return pauses.count
            }
            if count == 10 { throw Over() }
        }
        let seconds = pauses.withLock { $0.map(\.components.seconds) }
        #expect(seconds == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    }

    @Test func whatWasNotToldIsToldAfterARestart() async throws {
        let world = try await ReviewWorld(channels: [line.channel()])
        let first = try await world.ended()
        #expect(await telling(world).tellNext())
        let second = try await world.ended()
        let (again, other) = (line, Line())
        let tellers = [again, other].enumerated().map { number, line in
            EmergencyTeller(
                line.channel(number == 0 ? "webhook" : "command"), registry: world.registry, workstation: "ws-042", time: world.clock
            ) { _ in }
        }
        let desk = EmergencyDesk(
            registry: world.registry, ledger: world.ledger, records: world.ledger, time: world.clock, settings: EmergencySettings(),
            tellers: tellers
        ) { _ in }
        try await desk.start()
        for teller in tellers { #expect(await teller.tellNext()) }
        #expect(again.heard.count == 2)
        #expect(again.heard.last?.string?.contains(second.id) == true)
        #expect(other.heard.count == 2 && other.heard.contains { $0.string?.contains(first.id) == true })
    }

    @Test func whatIsReviewedIsToldNoMore() async throws {
        let world = try await ReviewWorld(channels: [line.channel()])
        let emergency = try await world.ended()
        try await world.review([emergency.id])
        #expect(await telling(world).tellNext())
        #expect(line.heard.isEmpty)
    }

    @Test func overdueIsTracedAndToldInEachPeriod() async throws {
        let world = try await ReviewWorld(channels: [line.channel()])
        let emergency = try await world.ended()
        await world.desk.look()
        #expect(world.ledger.traces(of: .breakGlassOverdue).isEmpty)
        world.clock.advance(seconds: 86_400)
        await world.desk.look()
        await world.desk.look()
        #expect(world.ledger.traces(of: .breakGlassOverdue).count == 1)
        #expect(await world.desk.counts["overdue"] == 1)
        let warnings = await world.desk.warnings
        #expect(warnings.map(\.english) == ["Emergencies not reviewed in time: 1 (cpsctl break-glass list --overdue)."])
        #expect(warnings.map(\.french) == ["Urgences non revues à temps : 1 (cpsctl break-glass list --overdue)."])
        #expect(try await world.desk.shown(emergency.id)?["overdue"] == true)
        world.clock.advance(seconds: 86_400)
        await world.desk.look()
        let traces = world.ledger.traces(of: .breakGlassOverdue)
        #expect(traces.map { $0.detail?["periods"] } == [1, 2])
        #expect(traces.allSatisfy { $0.markedDetail?["break_glass"] == .string(emergency.id) })
        #expect(await telling(world).tellNext())
        #expect(line.heard.count == 3)
        // It is still there to be reviewed.
        await world.registry.insertionBegan("i9")
        let session = try Sample.session(
            "r9", insertion: "i9", uid: 2000, holder: try Sample.holder(ReviewWorld.reviewer), now: world.clock.now())
        _ = try await world.registry.open(session, traces: [], by: world.atWork, token: nil)
        try await world.review([emergency.id], session: "r9")
        world.clock.advance(seconds: 86_400)
        await world.desk.look()
        #expect(world.ledger.traces(of: .breakGlassOverdue).count == 2)
    }

    @Test func declarationWhoseSessionIsGoneEndsAtTheStart() async throws {
        let world = try await ReviewWorld()
        let now = world.clock.now()
        let left = Emergency(
            id: "e0", kind: .breakGlass, session: "earlier", uid: 1000, client: "records", person: ReviewWorld.doctor, name: "MAX LIBRE",
            mode: "card", reason: "centre_15", note: nil, patient: "P-1", makers: [], declaredAt: now,
            expiresAt: now.advanced(bySeconds: 1800), reviewDueAt: now.advanced(bySeconds: 86_400))
        _ = try await world.ledger.commit([], [.keep(left.record)], as: .ordinary)
        try await world.desk.start()
        let kept = try #require(world.ledger.kept(.emergency).first { $0.id == "e0" }.flatMap { Emergency($0.json) })
        #expect(kept.endReason == "agent_restarted" && !kept.isActive)
        let trace = try #require(world.ledger.traces(of: .breakGlassEnded).first)
        #expect(trace.session == "earlier" && trace.patient == "P-1" && trace.markedDetail?["break_glass"] == "e0")
        // It is still owed a review.
        try await world.review(["e0"])
    }

    @Test func declarationOfASessionThatGoesOnGoesOn() async throws {
        let world = try await ReviewWorld()
        let emergency = try await world.declared()
        world.clock.advance(seconds: 600)
        #expect(await world.registry.resume(emergency))
        world.clock.advance(seconds: 1200)
        await world.registry.sweep()
        #expect(world.ledger.traces(of: .breakGlassExpired).count == 1)
        #expect(await !world.registry.resume(emergency))
    }

    // MARK: Lists

    @Test func listsAreFilteredAndPaged() async throws {
        let world = try await ReviewWorld()
        for _ in 0..<3 {
            _ = try await world.ended()
            world.clock.advance(seconds: 1)
        }
        let active = try await world.declared()
        var query = EmergencyQuery(limit: 2)
        query.state = .toReview
        let first = try await world.desk.list(query, of: nil)
        #expect(first.emergencies.count == 2 && first.next != nil)
        query.after = first.next
        let second = try await world.desk.list(query, of: nil)
        #expect(second.emergencies.count == 1 && second.next == nil)
        query = EmergencyQuery(limit: 10)
        query.state = .active
        #expect(try await world.desk.list(query, of: nil).emergencies.map { $0["id"] } == [.string(active.id)])
        query = EmergencyQuery(limit: 3)
        let page = try await world.desk.list(query, of: nil)
        query.after = page.next
        let rest = try await world.desk.list(query, of: nil)
        #expect(page.emergencies.count == 3 && rest.emergencies.count == 1 && rest.next == nil)
        #expect(try await world.desk.list(EmergencyQuery(limit: 10), of: [ReviewWorld.reviewer]).emergencies.isEmpty)
        #expect(try await world.desk.list(EmergencyQuery(limit: 10), of: [ReviewWorld.doctor]).emergencies.count == 4)
    }
}
