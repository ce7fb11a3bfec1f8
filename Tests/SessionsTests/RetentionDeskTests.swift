import Audit
import Habilitation
import Primitives
import Sessions
import Synchronization
import TestSupport
import Testing

/// Remembers what was to be dropped.
private final class Keeping: RetentionKeeping {
    private let seen = Mutex<[(before: Timestamp, draft: TraceDraft)]>([])

    var asked: [(before: Timestamp, draft: TraceDraft)] { seen.withLock { $0 } }

    func drop(before: Timestamp, _ draft: TraceDraft) async throws(LedgerFailure) -> RetentionReport {
        seen.withLock { $0.append((before, draft)) }
        return RetentionReport(count: 5, kept: 2)
    }
}

struct RetentionDeskTests {
    private static let (first, second, third) = ("899900063480", "899700245667", "899700000012")
    private static let other = Caller(uid: 2000, gid: 2000, pid: 2)
    private static let year: Int64 = 31_536_000

    private let keeping = Keeping()

    /// Two sessions of persons with a role, each of a user of their own; their cards are `i1` and `i2`.
    private func world(roles: [String] = ["audit", "administration"], mode: Session.Mode = .card, sameUser: Bool = false) async throws
        -> SessionWorld
    {
        let people = "{'\(Self.first)': [\(roles[0])], '\(Self.second)': [\(roles[1])]}"
        let world = try await SessionWorld(
            rights: try HabilitationMatrix(bytes: Array("rules: {all: {grant: ['record:read']}}\npeople: \(people)\n".utf8)))
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("s1", holder: try Sample.holder(Self.first)))
        let session = try Sample.session(
            "s2", insertion: "i2", reader: "other", uid: sameUser ? 1000 : 2000, holder: try Sample.holder(Self.second), mode: mode)
        _ = try await world.registry.open(session, traces: [], by: sameUser ? .user : Self.other, token: nil)
        return world
    }

    private func desk(_ world: SessionWorld, leastAge: Int64? = year) -> RetentionDesk {
        RetentionDesk(registry: world.registry, keeping: keeping, time: world.clock, random: CountingRandom(), leastAge: leastAge)
    }

    private func date(_ world: SessionWorld, years: Int64 = 2) -> Timestamp { world.clock.now().advanced(bySeconds: -years * Self.year) }

    private func asked(_ world: SessionWorld, _ desk: RetentionDesk) async throws -> String {
        let answer = try await desk.ask(before: date(world), session: "s1", by: .user)
        return try #require(answer["id"]?.string)
    }

    @Test func twoPersonsTogetherDropBodies() async throws {
        let world = try await world()
        let desk = desk(world)
        let id = try await asked(world, desk)
        #expect(keeping.asked.isEmpty)
        #expect(world.ledger.traces(of: .auditRetentionRequested).first?.detail?["rules"] == ["role.audit"])
        let answer = try await desk.agree(id, session: "s2", by: Self.other)
        #expect(answer["dropped"] == 5)
        #expect(answer["kept"] == 2)
        let act = try #require(keeping.asked.first)
        #expect(act.before == date(world))
        let by = act.draft.detail?["by"]?.array ?? []
        #expect(by.map { $0["national_id"] } == [.string(Self.first), .string(Self.second)])
        #expect(by.map { $0["session"] } == ["s1", "s2"])
        #expect(by.map { $0["rules"] } == [["role.audit"], ["role.administration"]])
        // It is done once.
        #expect(try await world.refusal { try await desk.agree(id, session: "s2", by: Self.other) }?.code == .notFound)
        #expect(keeping.asked.count == 1)
    }

    /// At one seat the second login locks the first session; its card is still there.
    @Test func sessionOfWhoAskedMayBeLockedByTheSecond() async throws {
        let world = try await world()
        let desk = desk(world)
        let id = try await asked(world, desk)
        _ = try await world.registry.lock("s1", by: .user)
        _ = try await desk.agree(id, session: "s2", by: Self.other)
        #expect(keeping.asked.count == 1)
    }

    @Test func oneCannotBeBoth() async throws {
        let world = try await world()
        let desk = desk(world)
        let id = try await asked(world, desk)
        #expect(try await world.refusal { try await desk.agree(id, session: "s1", by: .user) }?.code == .retentionDenied)
        #expect(keeping.asked.isEmpty)
    }

    @Test func whoAskedMustStillBeThere() async throws {
        let world = try await world()
        let desk = desk(world)
        let id = try await asked(world, desk)
        await world.registry.insertionEnded("i1", .cardRemoved)
        #expect(try await world.refusal { try await desk.agree(id, session: "s2", by: Self.other) }?.code == .retentionDenied)
        #expect(keeping.asked.isEmpty)
    }

    @Test func requestRunsOut() async throws {
        let world = try await world()
        let desk = desk(world)
        let id = try await asked(world, desk)
        world.clock.advance(seconds: RetentionDesk.patience)
        #expect(try await world.refusal { try await desk.agree(id, session: "s2", by: Self.other) }?.code == .notFound)
    }

    @Test(arguments: [["review", "audit"], ["audit", "review"]])
    func bothNeedTheRight(_ roles: [String]) async throws {
        let world = try await world(roles: roles)
        let desk = desk(world)
        let refusal = try await world.refusal {
            let id = try await asked(world, desk)
            _ = try await desk.agree(id, session: "s2", by: Self.other)
        }
        #expect(refusal?.code == .scopeDenied)
        #expect(keeping.asked.isEmpty)
    }

    @Test func sessionOfAnotherUserIsNotOnesOwn() async throws {
        let world = try await world()
        let desk = desk(world)
        #expect(
            try await world.refusal { try await desk.ask(before: date(world), session: "s2", by: .user) }?.code == .sessionNotFound)
    }

    @Test
    func sessionWithoutACardGivesNoSuchRight() async throws {
        let world = try await world(mode: .degraded)
        let desk = desk(world)
        let id = try await asked(world, desk)
        #expect(try await world.refusal { try await desk.agree(id, session: "s2", by: Self.other) } != nil)
        #expect(keeping.asked.isEmpty)
    }

    @Test func withoutAPeriodTracesAreKeptForEver() async throws {
        let world = try await world()
        let desk = desk(world, leastAge: nil)
        #expect(try await world.refusal { try await asked(world, desk) }?.code == .retentionDenied)
    }

    @Test func youngTracesCannotBeAskedFor() async throws {
        let world = try await world()
        let desk = desk(world)
        #expect(
            try await world.refusal { try await desk.ask(before: date(world, years: 0), session: "s1", by: .user) }?.code
                == .retentionDenied)
    }

    @Test func nothingIsAskedForWithoutATrace() async throws {
        let world = try await world()
        let desk = desk(world)
        world.ledger.setFails(true)
        #expect(try await world.refusal { try await asked(world, desk) }?.code == .traceUnavailable)
    }
}
