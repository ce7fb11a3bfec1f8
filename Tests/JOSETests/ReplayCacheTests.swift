import JOSE
import Primitives
import TestSupport
import Testing

struct ReplayCacheTests {
    @Test func secondUseIsSeen() {
        let cache = ReplayCache(keeping: 10, time: ManualClock())
        #expect(cache.admit("1", of: "a") == .new)
        #expect(cache.admit("1", of: "a") == .replayed)
        #expect(cache.admit("1", of: "b") == .new)
        #expect(cache.admit("2", of: "a") == .new)
        #expect(cache.admit("a", of: "1") == .new)
    }

    @Test func ownerAndIdentifierAreNeverMixed() {
        let cache = ReplayCache(keeping: 10, time: ManualClock())
        #expect(cache.admit("bc", of: "a") == .new)
        #expect(cache.admit("c", of: "ab") == .new)
    }

    @Test func itIsForgottenWhenItCouldNotPassAnyMore() {
        let clock = ManualClock()
        let cache = ReplayCache(keeping: 10, time: clock)
        #expect(cache.admit("1", of: "a") == .new)
        clock.advance(seconds: 9)
        #expect(cache.admit("1", of: "a") == .replayed)
        clock.advance(seconds: 1)
        #expect(cache.admit("1", of: "a") == .new)
    }

    @Test func wallClockThatIsSetForgetsNothing() {
        let clock = ManualClock()
        let cache = ReplayCache(keeping: 10, time: clock)
        #expect(cache.admit("1", of: "a") == .new)
        clock.setWall(forwardBy: 3600)
        #expect(cache.admit("1", of: "a") == .replayed)
        clock.setWall(forwardBy: -7200)
        #expect(cache.admit("1", of: "a") == .replayed)
    }

    @Test func fullCacheRefusesAndForgetsNothing() {
        let clock = ManualClock()
        let cache = ReplayCache(keeping: 10, capacity: 3, time: clock)
        for index in 0..<3 { #expect(cache.admit("\(index)", of: "a") == .new) }
        #expect(cache.admit("3", of: "a") == .full)
        for index in 0..<3 { #expect(cache.admit("\(index)", of: "a") == .replayed) }
        clock.advance(seconds: 10)
        #expect(cache.admit("3", of: "a") == .new)
    }

    @Test func longUseKeepsItsSize() {
        let clock = ManualClock()
        let cache = ReplayCache(keeping: 10, capacity: 4000, time: clock)
        for round in 0..<5 {
            for index in 0..<3000 { #expect(cache.admit("\(round)-\(index)", of: "a") == .new) }
            #expect(cache.admit("\(round)-0", of: "a") == .replayed)
            clock.advance(seconds: 10)
        }
    }

    /// A proof dated a minute ahead passes for two minutes: all that time it must be known.
    @Test func proofIsKnownForAsLongAsItCouldPass() throws {
        let clock = ManualClock()
        let cache = ReplayCache(proofsWithin: 60, time: clock)
        let text = try TestKey().proof(url: "https://a/", at: clock.now().advanced(bySeconds: 60), jti: "1")
        func use() throws(DPoPRefusal) {
            try cache.admit(try DPoPProof.check(text, method: "POST", url: "https://a/", now: clock.now()))
        }
        try use()
        for _ in 0..<120 {
            clock.advance(seconds: 1)
            #expect(throws: DPoPRefusal.replayed) { try use() }
        }
        clock.advance(seconds: 1)
        #expect(throws: DPoPRefusal.stale) { try use() }
    }

    @Test func fullCacheRefusesProofs() throws {
        let clock = ManualClock()
        let cache = ReplayCache(proofsWithin: 60, capacity: 0, time: clock)
        let text = try TestKey().proof(url: "https://a/", at: clock.now(), jti: "1")
        let proof = try DPoPProof.check(text, method: "POST", url: "https://a/", now: clock.now())
        #expect(throws: DPoPRefusal.tooMany) { try cache.admit(proof) }
    }

    @Test func parallelUsesAreOneUse() async {
        let cache = ReplayCache(keeping: 10, time: ManualClock())
        let admitted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { cache.admit("1", of: "a") == .new } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(admitted == 1)
    }
}

struct NonceSourceTests {
    @Test func nonceServesForItsWindowAndTheNext() {
        let clock = ManualClock()
        let source = NonceSource(random: CountingRandom(), time: clock)
        let nonce = source.current()
        #expect(source.accepts(nonce))
        var lived: Int64 = 0
        while source.accepts(nonce), lived < 1000 {
            clock.advance(seconds: 1)
            lived += 1
        }
        #expect((NonceSource.window + 1...2 * NonceSource.window).contains(lived))
        #expect(source.current() != nonce)
    }

    @Test func wallClockDoesNotMatter() {
        let clock = ManualClock()
        let source = NonceSource(random: CountingRandom(), time: clock)
        let nonce = source.current()
        clock.setWall(forwardBy: 86_400)
        #expect(source.accepts(nonce))
        #expect(source.current() == nonce)
    }

    @Test func nonceOfAnotherRunIsRefused() {
        let clock = ManualClock()
        let random = CountingRandom()
        #expect(!NonceSource(random: random, time: clock).accepts(NonceSource(random: random, time: clock).current()))
    }

    @Test(arguments: ["", "A", "x=y", String(repeating: "A", count: 43), String(repeating: "A", count: 10_000)])
    func inventedNonceIsRefused(text: String) {
        #expect(!NonceSource(random: CountingRandom(), time: ManualClock()).accepts(text))
    }
}
