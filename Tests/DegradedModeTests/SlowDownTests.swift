import DegradedMode
import Primitives
import Testing

struct SlowDownTests {
    private func moment(_ seconds: Int64) -> SlowDown.Moment {
        SlowDown.Moment(wall: Timestamp(seconds: 1_780_000_000 + seconds), sinceBoot: .seconds(5000 + seconds))
    }

    /// Fails as soon as may be, so many times; gives the seconds that each attempt had to wait.
    private func fail(_ slowDown: inout SlowDown, _ times: Int, _ account: String, _ source: String, _ second: inout Int64) -> [Int64] {
        var waits: [Int64] = []
        while waits.count < times {
            switch slowDown.reserve(account, from: source, at: moment(second)) {
            case .go: waits.append(0)
            case .wait(let seconds):
                second += seconds
                guard slowDown.reserve(account, from: source, at: moment(second)) == .go else { return waits }
                waits.append(seconds)
            case .locked: return waits
            }
        }
        return waits
    }

    @Test func waitsGrowToAQuarterOfAnHour() {
        var slowDown = SlowDown()
        var second: Int64 = 0
        #expect(fail(&slowDown, 12, "a", "1000", &second) == [0, 0, 0, 5, 20, 90, 180, 360, 720, 900, 900, 900])
    }

    @Test func aTryThatComesTooEarlyCountsForNothing() {
        var slowDown = SlowDown()
        for _ in 0..<3 { #expect(slowDown.reserve("a", from: "1000", at: moment(0)) == .go) }
        for _ in 0..<50 { #expect(slowDown.reserve("a", from: "1000", at: moment(2)) == .wait(3)) }
        #expect(slowDown.reserve("a", from: "1000", at: moment(5)) == .go)
        #expect(slowDown.reserve("a", from: "1000", at: moment(5)) == .wait(20))
    }

    @Test func attemptsAtOnceDoNotSpendOneAllowanceTwice() {
        var slowDown = SlowDown()
        let verdicts = (0..<20).map { _ in slowDown.reserve("a", from: "1000", at: moment(0)) }
        #expect(verdicts.filter { $0 == .go }.count == 3)
    }

    @Test func successGivesTheAttemptBackAndForgetsThePair() {
        var slowDown = SlowDown()
        var second: Int64 = 0
        _ = fail(&slowDown, 5, "a", "1000", &second)
        second += 90
        #expect(slowDown.reserve("a", from: "1000", at: moment(second)) == .go)
        slowDown.succeed("a", from: "1000")
        #expect(slowDown.reserve("a", from: "1000", at: moment(second)) == .go)
        #expect(slowDown.reserve("a", from: "1000", at: moment(second)) == .go)
    }

    @Test func whatWasNotTriedIsNotCounted() {
        var slowDown = SlowDown()
        for _ in 0..<100 {
            #expect(slowDown.reserve("a", from: "1000", at: moment(0)) == .go)
            slowDown.giveBack("a", from: "1000")
        }
        #expect(slowDown == SlowDown())
    }

    @Test func nobodyIsLockedOutByWhoKnowsANumber() {
        var slowDown = SlowDown()
        #expect(slowDown.reserve("doctor", from: "1000", at: moment(0)) == .go)
        slowDown.succeed("doctor", from: "1000")
        // Users all over the machine try for a night.
        var second: Int64 = 0
        for source in 2000..<2020 { _ = fail(&slowDown, 19, "doctor", "\(source)", &second) }
        #expect(slowDown.reserve("doctor", from: "1000", at: moment(second)) == .go)
        // From where they never got in before, it is a minute at most.
        guard case .wait(let seconds) = slowDown.reserve("doctor", from: "3000", at: moment(second)) else {
            Issue.record("failures of others make a new source wait")
            return
        }
        #expect((1...60).contains(seconds))
        #expect(slowDown.reserve("doctor", from: "3000", at: moment(second + 60)) == .go)
    }

    @Test func othersMakeNobodyWaitBeforeTheTenthFailure() {
        var slowDown = SlowDown()
        for source in 0..<9 { #expect(slowDown.reserve("a", from: "\(source)", at: moment(0)) == .go) }
        #expect(slowDown.reserve("a", from: "9", at: moment(0)) == .go)
        #expect(slowDown.reserve("a", from: "10", at: moment(0)) == .wait(5))
    }

    @Test func aSourceThatFailsAllDayIsLockedForADay() {
        var slowDown = SlowDown()
        for account in 0..<20 { #expect(slowDown.reserve("\(account)", from: "1000", at: moment(0)) == .go) }
        #expect(slowDown.reserve("fresh", from: "1000", at: moment(1)) == .locked(86_399))
        #expect(slowDown.lock(of: "1000", at: moment(1)) == 86_399)
        #expect(slowDown.reserve("fresh", from: "1001", at: moment(1)) == .go)
        #expect(slowDown.reserve("fresh", from: "1000", at: moment(86_399)) == .locked(1))
        #expect(slowDown.reserve("fresh", from: "1000", at: moment(86_400)) == .go)
    }

    @Test func aSuccessElsewhereDoesNotWashASource() {
        var slowDown = SlowDown()
        for account in 0..<19 {
            #expect(slowDown.reserve("\(account)", from: "1000", at: moment(0)) == .go)
            #expect(slowDown.reserve("own", from: "1000", at: moment(0)) == .go)
            slowDown.succeed("own", from: "1000")
        }
        #expect(slowDown.reserve("19", from: "1000", at: moment(0)) == .go)
        #expect(slowDown.reserve("own", from: "1000", at: moment(0)) == .locked(86_400))
    }

    @Test func theLastAttemptBeforeALockMaySucceed() {
        var slowDown = SlowDown()
        for account in 0..<19 { _ = slowDown.reserve("\(account)", from: "1000", at: moment(0)) }
        #expect(slowDown.reserve("own", from: "1000", at: moment(0)) == .go)
        slowDown.succeed("own", from: "1000")
        #expect(slowDown.lock(of: "1000", at: moment(0)) == nil)
    }

    @Test func somebodyCanUnlock() {
        var slowDown = SlowDown()
        var second: Int64 = 0
        #expect(slowDown.unlock(account: "a") == false)
        #expect(slowDown.unlock(source: "1000") == false)
        _ = fail(&slowDown, 19, "a", "1000", &second)
        #expect(slowDown.unlock(account: "a") == true)
        #expect(slowDown.reserve("a", from: "1000", at: moment(second)) == .go)
        #expect(slowDown.reserve("a", from: "1000", at: moment(second)) == .locked(86_400))
        #expect(slowDown.unlock(source: "1000") == true)
        #expect(slowDown.reserve("a", from: "1000", at: moment(second)) == .go)
    }

    @Test func failuresOfYesterdayAreForgotten() {
        var slowDown = SlowDown()
        var second: Int64 = 0
        _ = fail(&slowDown, 8, "a", "1000", &second)
        second += 86_400
        #expect(fail(&slowDown, 3, "a", "1000", &second) == [0, 0, 0])
    }

    @Test func aClockThatIsSetChangesNothingInOneRun() {
        var slowDown = SlowDown()
        for _ in 0..<3 { _ = slowDown.reserve("a", from: "1000", at: moment(0)) }
        for wall in [-900_000, 0, 900_000] as [Int64] {
            let set = SlowDown.Moment(wall: Timestamp(seconds: 1_780_000_000 + wall), sinceBoot: .seconds(5001))
            #expect(slowDown.reserve("a", from: "1000", at: set) == .wait(4))
        }
    }

    /// What a run leaves, taken up by another one on a machine that was started anew.
    private func restarted(_ old: SlowDown, stored: SlowDown.Moment, at now: SlowDown.Moment) throws -> SlowDown {
        var new = SlowDown()
        let account = try #require(old.stored(account: "a", at: stored))
        let source = try #require(old.stored(source: "1000", at: stored))
        #expect(new.restore(account: "a", account, at: now) == true)
        #expect(new.restore(source: "1000", source, at: now) == true)
        return new
    }

    @Test func countersSurviveARestart() throws {
        var slowDown = SlowDown()
        var second: Int64 = 0
        _ = fail(&slowDown, 9, "a", "1000", &second)
        let later = SlowDown.Moment(wall: moment(second + 100).wall, sinceBoot: .seconds(3))
        var new = try restarted(slowDown, stored: moment(second), at: later)
        #expect(new.reserve("a", from: "1000", at: later) == .wait(800))
        // What was stored again says the same.
        var third = try restarted(new, stored: later, at: later)
        #expect(third.reserve("a", from: "1000", at: later) == .wait(800))
    }

    @Test func aClockThatWasSetBackMeanwhileMakesTheWaitBeginAnew() throws {
        var slowDown = SlowDown()
        var second: Int64 = 0
        _ = fail(&slowDown, 9, "a", "1000", &second)
        let back = SlowDown.Moment(wall: moment(second - 1_000_000).wall, sinceBoot: .seconds(3))
        var new = try restarted(slowDown, stored: moment(second), at: back)
        #expect(new.reserve("a", from: "1000", at: back) == .wait(900))
        #expect(new.reserve("a", from: "1000", at: .init(wall: back.wall, sinceBoot: .seconds(903))) == .go)
    }

    @Test func aLockAndOwnSourcesSurviveARestart() throws {
        var slowDown = SlowDown()
        _ = slowDown.reserve("a", from: "1000", at: moment(0))
        slowDown.succeed("a", from: "1000")
        for account in 0..<20 { _ = slowDown.reserve("\(account)", from: "1000", at: moment(10)) }
        let later = SlowDown.Moment(wall: moment(100).wall, sinceBoot: .seconds(3))
        var new = try restarted(slowDown, stored: moment(10), at: later)
        #expect(new.lock(of: "1000", at: later) == 86_310)
        #expect(new.unlock(source: "1000") == true)
        for source in 0..<12 { _ = new.reserve("a", from: "\(2000 + source)", at: later) }
        #expect(new.reserve("a", from: "1000", at: later) == .go)
    }

    @Test(
        arguments: [
            [:], .null, "text", ["own": [1], "failures": [:]], ["own": [], "failures": []],
            ["own": [], "failures": ["1000": ["count": 0, "last": "2026-06-01T12:00:00.000Z"]]],
            ["own": [], "failures": ["1000": ["count": 9_000_000_000, "last": "2026-06-01T12:00:00.000Z"]]],
            ["own": [], "failures": ["1000": ["count": 1, "last": "yesterday"]]],
            ["own": .array([JSON](repeating: "x", count: 65)), "failures": [:]],
        ] as [JSON])
    func aDamagedRowIsToldAndTakenForNone(json: JSON) {
        var slowDown = SlowDown()
        #expect(slowDown.restore(account: "a", json, at: moment(0)) == false)
        #expect(slowDown.restore(source: "1000", json["own"] ?? json, at: moment(0)) == false)
        #expect(slowDown == SlowDown())
    }

    @Test func extremeTimesInARowHurtNobody() {
        var slowDown = SlowDown()
        for text in ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
            #expect(slowDown.restore(source: "1", ["failures": [.string(text)], "locked_at": .string(text)], at: moment(0)) == true)
            #expect(
                slowDown.restore(account: "a", ["own": [], "failures": ["1": ["count": 1, "last": .string(text)]]], at: moment(0)) == true)
            _ = slowDown.reserve("a", from: "1", at: moment(0))
            _ = slowDown.stored(account: "a", at: moment(0))
        }
    }

    @Test func nobodyMakesItGrowWithoutBound() {
        var slowDown = SlowDown()
        for number in 0..<1500 { _ = slowDown.reserve("account-\(number)", from: "source-\(number)", at: moment(0)) }
        #expect(slowDown.size.accounts == 1024)
        #expect(slowDown.size.sources == 256)
        for number in 0..<100 { _ = slowDown.reserve("one", from: "many-\(number)", at: moment(Int64(number) * 60)) }
        #expect(
            (slowDown.stored(account: "one", at: moment(6000))?["failures"]).map {
                if case .object(let pairs) = $0 { pairs.count } else { 0 }
            } == 64)
    }
}
