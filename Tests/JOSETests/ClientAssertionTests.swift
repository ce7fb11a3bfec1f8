import JOSE
import Primitives
import TestSupport
import Testing

struct ClientAssertionTests {
    private static let now = ManualClock.noon
    private static let token = "https://ws-042.example/oauth/token"
    private let replays = ReplayCache(keeping: ClientAssertion.remembered, time: ManualClock())

    private func claims(_ changes: [String: JSON] = [:]) -> JSON {
        let claims: [String: JSON] = [
            "iss": "records", "sub": "records", "aud": .string(Self.token), "exp": .int(Self.now.seconds + 60), "jti": "1",
        ]
        return .object(claims.merging(changes) { _, new in new }.filter { $0.value != .null })
    }

    private func refusal(_ text: String, _ set: JWKSet, clientID: String? = nil) -> AssertionRefusal? {
        do throws(AssertionRefusal) {
            let assertion = try ClientAssertion.check(
                text, audiences: [Self.token, "https://ws-042.example"], clientID: clientID, now: Self.now, replays: replays
            ) { $0 == "records" ? set : nil }
            #expect(assertion.clientID == "records")
            return nil
        } catch {
            return error
        }
    }

    private func set(_ keys: TestKey...) throws -> JWKSet {
        try JWKSet(["keys": .array(keys.enumerated().map { try $1.jwk.with("kid", .string("k\($0)")) })])
    }

    @Test(arguments: TestKey.Kind.allCases, [[:], ["typ": "JWT"], ["kid": "k0"]] as [[String: JSON]])
    func goodAssertionIsTakenOnce(kind: TestKey.Kind, header: [String: JSON]) throws {
        let key = try TestKey(kind)
        let text = try key.sign(.object(header), claims())
        #expect(refusal(text, try set(key), clientID: "records") == nil)
        #expect(refusal(text, try set(key)) == .replayed)
    }

    @Test(
        arguments: [
            (["iss": .null], .unknownClient), (["sub": .null], .unknownClient), (["sub": "other"], .unknownClient),
            (["iss": "other", "sub": "other"], .unknownClient), (["aud": "https://other.example"], .otherAudience),
            (["aud": .null], .otherAudience), (["aud": []], .otherAudience), (["aud": 5], .otherAudience),
            (["aud": .array(Array(repeating: .string(token), count: 17))], .otherAudience), (["exp": .null], .expired),
            (["exp": .int(now.seconds - 60)], .expired), (["exp": .int(now.seconds + 361)], .tooLong), (["exp": .int(.max)], .tooLong),
            (["exp": .int(.min)], .expired), (["nbf": .int(now.seconds + 61)], .notYetValid),
            (["iat": .int(now.seconds + 61)], .notYetValid),
            (["iat": "now"], .malformed), (["jti": .null], .badIdentifier), (["jti": ""], .badIdentifier),
            (["jti": .string(String(repeating: "j", count: 129))], .badIdentifier),
        ] as [([String: JSON], AssertionRefusal)])
    func claimsDecide(changes: [String: JSON], expected: AssertionRefusal) throws {
        let key = try TestKey()
        #expect(refusal(try key.sign([:], claims(changes)), try set(key)) == expected)
        #expect(refusal(try key.sign([:], claims()), try set(key)) == nil)
    }

    @Test(
        arguments: [
            ["aud": ["x", .string(token)]], ["aud": "https://ws-042.example"], ["exp": .int(now.seconds - 59)],
            ["exp": .int(now.seconds + 360)], ["iat": .int(now.seconds + 60), "nbf": .int(now.seconds)],
        ] as [[String: JSON]])
    func claimsAtTheirBoundsAreTaken(changes: [String: JSON]) throws {
        let key = try TestKey()
        #expect(refusal(try key.sign([:], claims(changes)), try set(key)) == nil)
    }

    @Test func keysOfTheClientAloneServe() throws {
        let (mine, second, stranger) = (try TestKey(), try TestKey(.ed25519), try TestKey())
        #expect(refusal(try stranger.sign([:], claims()), try set(mine)) == .badSignature)
        #expect(refusal(try stranger.sign(["jwk": stranger.jwk], claims()), try set(mine)) == .badSignature)
        #expect(refusal(try mine.sign(["kid": "k1"], claims()), try set(mine, second)) == .badSignature)
        #expect(refusal(try mine.sign(["kid": "k9"], claims()), try set(mine, second)) == .badSignature)
        #expect(refusal(try mine.sign([:], claims()), try set(mine, second)) == .badSignature)
        #expect(refusal(try mine.sign(["alg": "none"], claims()), try set(mine)) == .badSignature)
        #expect(refusal(try mine.sign(["alg": "HS256"], claims()), try set(mine)) == .badSignature)
        #expect(refusal(try second.sign(["kid": "k1"], claims()), try set(mine, second)) == nil)
    }

    @Test func clientOfTheRequestIsTheOneThatSigned() throws {
        let key = try TestKey()
        #expect(refusal(try key.sign([:], claims()), try set(key), clientID: "other") == .unknownClient)
    }

    @Test(arguments: ["at+jwt", "dpop+jwt"])
    func messageMadeForSomethingElseIsRefused(type: String) throws {
        let key = try TestKey()
        #expect(refusal(try key.sign(["typ": .string(type)], claims()), try set(key)) == .wrongType)
    }

    @Test(arguments: ["", "a.b.c", "e30.e30."])
    func textThatIsNoAssertionIsMalformed(text: String) throws { #expect(refusal(text, try set(TestKey())) == .malformed) }

    @Test func failedAssertionDoesNotUseUpItsIdentifier() throws {
        let (key, stranger) = (try TestKey(), try TestKey())
        #expect(refusal(try stranger.sign([:], claims()), try set(key)) == .badSignature)
        #expect(refusal(try key.sign([:], claims()), try set(key)) == nil)
    }

    @Test func fullMemoryRefuses() throws {
        let key = try TestKey()
        let full = ReplayCache(keeping: 10, capacity: 0, time: ManualClock())
        let (text, set) = (try key.sign([:], claims()), try set(key))
        #expect(throws: AssertionRefusal.tooMany) {
            try ClientAssertion.check(text, audiences: [Self.token], now: Self.now, replays: full) { _ in set }
        }
    }

    @Test func everyRefusalHasAText() {
        let all: [AssertionRefusal] = [
            .malformed, .wrongType, .unknownClient, .badSignature, .otherAudience, .expired, .tooLong, .notYetValid, .badIdentifier,
            .replayed,
            .tooMany,
        ]
        #expect(Set(all.map(\.text)).count == all.count)
        #expect(all.allSatisfy { $0.text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C } })
    }
}
