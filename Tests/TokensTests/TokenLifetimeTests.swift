import Testing
import Tokens

struct TokenLifetimeTests {
    @Test func usualLivesAreTwoAndFiveMinutes() {
        #expect(TokenLifetime().granted(requested: nil, isBound: false) == 120)
        #expect(TokenLifetime().granted(requested: nil, isBound: true) == 300)
    }

    @Test(arguments: [(30, 30), (600, 600), (900, 900), (901, 900), (Int64.max, 900), (0, 1), (-5, 1)] as [(Int64, Int64)])
    func requestIsCapped(requested: Int64, granted: Int64) {
        #expect(TokenLifetime().granted(requested: requested, isBound: false) == granted)
    }

    @Test func configurationIsCappedToo() {
        let life = TokenLifetime(unbound: 5000, bound: 0)
        #expect(life.unbound == 900)
        #expect(life.bound == 1)
    }
}
