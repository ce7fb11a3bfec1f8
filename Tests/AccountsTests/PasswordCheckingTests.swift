import Accounts
import Audit
import DegradedMode
import Identity
import Primitives
import Sessions
import Synchronization
import TestSupport
import Testing

/// Passwords given without a card: what is told, how often it may be tried.
struct PasswordCheckingTests {
    /// Counts what is computed.
    private final class Counted: KeyDerivation {
        let count = Mutex(0)

        func tag(
            of password: borrowing Secret, salt: [UInt8], key: borrowing Secret, data: [UInt8], cost: HashCost, length: Int
        ) -> [UInt8]? {
            count.withLock { $0 += 1 }
            return Argon2id().tag(of: password, salt: salt, key: key, data: data, cost: cost, length: length)
        }
    }

    private func wrong(_ world: AccountWorld, _ identifier: String = AccountWorld.doctor, by caller: Caller = AccountWorld.ward)
        async throws
        -> Refusal?
    {
        try await world.refusal { try await world.verify("wrong password", identifier, by: caller) }
    }

    @Test(arguments: ["899900063480", "99900063480", " 8 99900 063480 "]) func anIdentifierIsTakenAsPeopleTypeIt(text: String) async throws
    {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        _ = try await world.verify(AccountWorld.password, text)
    }

    @Test func unknownWrongAndDisabledAreOneRefusalAndOneAmountOfWork() async throws {
        let counted = Counted()
        let world = try await AccountWorld(derivation: counted)
        _ = try await world.enrol()
        let disabled = try await world.made(for: "local:disabled")["id"]?.string ?? ""
        let referent = world.user(AccountWorld.referent)
        _ = try await world.desk.setDisabled(true, disabled, session: "card-\(AccountWorld.referent)", by: referent)
        var told: Set<Refusal?> = []
        let identifiers = [
            AccountWorld.doctor, "local:disabled", "810000000001", "local:nobody", "", "\u{0}\n", String(repeating: "x", count: 4000),
        ]
        for (number, identifier) in identifiers.enumerated() {
            counted.count.withLock { $0 = 0 }
            let commits = world.ledger.commits.count
            told.insert(try await wrong(world, identifier, by: Caller(uid: 5000 + UInt32(number), gid: 0, pid: 0)))
            #expect(counted.count.withLock { $0 } == 1, "\(identifier.prefix(20))")
            #expect(world.ledger.commits.count == commits + 1, "\(identifier.prefix(20))")
        }
        #expect(told == [Refusal(.credentialsRefused)])
        #expect(world.traces(.degradedRefused).count == 7)
        #expect(world.traces(.degradedRefused).map { $0.detail?["cause"]?.string }.filter { $0 == "wrong_password" }.count == 2)
    }

    @Test func waitsAreTheSameWhetherThereIsSuchAnAccount() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        var told: [[Refusal?]] = []
        for (identifier, uid) in [(AccountWorld.doctor, 5000), ("810000000001", 5001)] as [(String, UInt32)] {
            var refusals: [Refusal?] = []
            for _ in 0..<5 { refusals.append(try await wrong(world, identifier, by: Caller(uid: uid, gid: 0, pid: 0))) }
            told.append(refusals)
        }
        #expect(told[0] == told[1])
        #expect(told[0].last == Refusal(.passwordWait, ["retry_after": 5]))
    }

    @Test func theIdentifierOfNobodyIsNotTraced() async throws {
        let world = try await AccountWorld()
        // People type passwords where the identifier goes.
        _ = try await wrong(world, "S3cret-typed-here!")
        _ = try await wrong(world, "99900063480")
        let traces = world.traces(.degradedRefused)
        #expect(!String(decoding: traces[0].leaf(seq: 0, salt: [], workstation: ""), as: UTF8.self).contains("S3cret"))
        #expect(traces[1].actor?["national_id"] == .string(AccountWorld.doctor))
    }

    @Test func waitsGrowAndARightPasswordEndsThem() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        for _ in 0..<3 { #expect(try await wrong(world)?.code == .credentialsRefused) }
        // Not even the right one is tried while one has to wait.
        #expect(try await world.refusal { try await world.verify(AccountWorld.password) } == Refusal(.passwordWait, ["retry_after": 5]))
        world.clock.advance(seconds: 5)
        _ = try await world.verify(AccountWorld.password)
        for _ in 0..<3 { #expect(try await wrong(world)?.code == .credentialsRefused) }
    }

    @Test func failuresAtOneSeatKeepNobodyOutAtAnother() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        _ = try await world.verify(AccountWorld.password, by: .user)
        for uid in 6000..<6030 as Range<UInt32> { _ = try await wrong(world, by: Caller(uid: uid, gid: 0, pid: 0)) }
        _ = try await world.verify(AccountWorld.password, by: .user)
    }

    @Test func aSourceIsLockedAndUnlocked() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        for number in 0..<20 { #expect(try await wrong(world, "local:\(number)")?.code == .credentialsRefused) }
        #expect(world.traces(.accountLocked).map { $0.detail?["source"] } == ["4000"])
        let refusal = try await world.refusal { try await world.verify(AccountWorld.password) }
        #expect(refusal == Refusal(.sourceLocked, ["retry_after": 86_400, "contact": "Mme Martin, 12 34"]))
        let session = try await world.present(AccountWorld.referent)
        try await world.desk.unlock(source: 4000, session: session, by: world.user(AccountWorld.referent))
        _ = try await world.verify(AccountWorld.password)
        #expect(world.traces(.accountUnlocked).first?.detail?["source"] == "4000")
    }

    @Test func theWaitsOfAnAccountAreLifted() async throws {
        let world = try await AccountWorld()
        let account = try await world.enrol()["id"]?.string ?? ""
        for _ in 0..<3 { _ = try await wrong(world) }
        #expect(try await wrong(world)?.code == .passwordWait)
        let session = try await world.present(AccountWorld.referent)
        _ = try await world.desk.unlock(account, session: session, by: world.user(AccountWorld.referent))
        _ = try await world.verify(AccountWorld.password)
        #expect(world.traces(.accountUnlocked).first?.detail?["account"] == .string(account))
    }

    @Test func waitsAndLocksOutliveTheAgent() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        for _ in 0..<3 { _ = try await wrong(world) }
        let restarted = try await AccountWorld(after: world)
        #expect(try await wrong(restarted) == Refusal(.passwordWait, ["retry_after": 5]))
        // The wall clock was set back while the agent was off: the wait is as long as ever.
        world.clock.setWall(forwardBy: -1_000_000)
        let back = try await AccountWorld(after: world)
        #expect(try await wrong(back) == Refusal(.passwordWait, ["retry_after": 5]))
        world.clock.setWall(forwardBy: 1_000_000)
        for number in 0..<17 { _ = try await wrong(restarted, "local:\(number)") }
        let again = try await AccountWorld(after: world)
        #expect(try await wrong(again, "local:100")?.code == .sourceLocked)
    }

    @Test func parallelTriesSpendOneAllowance() async throws {
        let world = try await AccountWorld(mostWaiting: 100)
        _ = try await world.enrol()
        let codes = await withTaskGroup(of: ErrorCode?.self) { group in
            for _ in 0..<30 { group.addTask { try? await world.refusal { try await world.verify("wrong password") }?.code } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == .credentialsRefused }.count == 3)
        #expect(codes.filter { $0 == .passwordWait }.count == 27)
    }

    @Test func aFloodIsTurnedAwayAndCountsForNothing() async throws {
        let world = try await AccountWorld(mostWaiting: 0)
        for _ in 0..<10 { #expect(try await wrong(world)?.code == .hashingBusy) }
        #expect(world.ledger.kept(.attempts).isEmpty)
    }

    @Test func aLostPepperIsOneRefusalAndToldToWhoRunsTheAgent() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        let after = try await AccountWorld(after: world, pepper: Pepper(random: SystemRandom()))
        #expect(try await after.refusal { try await after.verify(AccountWorld.password) } == Refusal(.credentialsRefused))
        #expect(after.reports.all.contains { $0.contains("pepper") })
        #expect(after.traces(.degradedRefused).last?.detail?["cause"] == "pepper_lost")
    }

    @Test func theHashIsMadeAnewWhenTheCostRises() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        let cost = try #require(HashCost(kibibytes: 16, passes: 2, lanes: 1))
        let after = try await AccountWorld(after: world, cost: cost)
        #expect(try await after.verify(AccountWorld.password).wayIn?.hash.cost == cost)
        let commits = after.ledger.commits.count
        let again = try await AccountWorld(after: after, cost: cost)
        #expect(try await again.verify(AccountWorld.password).wayIn?.hash.cost == cost)
        #expect(after.ledger.commits.count == commits)
    }

    @Test func whatIsNoPasswordIsRefusedBeforeAnythingIsLookedUp() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        for (text, reason) in [
            ("", "empty"), ("abc", "too_short"), (String(repeating: "a", count: 2000), "too_long"), ("a\u{1B}[2Jbcd", "control_characters"),
        ] {
            for identifier in [AccountWorld.doctor, "810000000001"] {
                let refusal = try await world.refusal { try await world.verify(text, identifier) }
                #expect(refusal == Refusal(.passwordFormat, ["reason": .string(reason)]))
            }
        }
        let bytes = Secret(count: 6) { $0.copyBytes(from: [0x61, 0x62, 0xFF, 0xFE, 0x63, 0x64]) }
        let desk = world.desk
        do throws(Refusal) {
            _ = try await desk.verify(AccountWorld.doctor, bytes, by: .user)
            Issue.record("bytes that are no text are no password")
        } catch { #expect(error.members["reason"] == "not_text") }
    }

    @Test func whenTheFailureCannotBeTracedNothingIsTold() async throws {
        let world = try await AccountWorld()
        _ = try await world.enrol()
        world.ledger.setFails(true)
        for identifier in [AccountWorld.doctor, "810000000001"] { #expect(try await wrong(world, identifier)?.code == .traceUnavailable) }
    }
}
