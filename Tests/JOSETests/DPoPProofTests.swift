import JOSE
import Primitives
import TestSupport
import Testing

struct DPoPProofTests {
    static let now = ManualClock.noon
    static let url = "https://ws-042.example/token"

    private func check(
        _ proof: String, method: String = "POST", url: String = url, accessToken: String? = nil, nonces: ((String) -> Bool)? = nil
    ) throws(DPoPRefusal) -> DPoPProof {
        try DPoPProof.check(proof, method: method, url: url, now: Self.now, accessToken: accessToken, nonces: nonces)
    }

    private func refusal(
        _ proof: String, method: String = "POST", url: String = url, accessToken: String? = nil, nonces: ((String) -> Bool)? = nil
    ) -> DPoPRefusal? {
        do throws(DPoPRefusal) {
            _ = try check(proof, method: method, url: url, accessToken: accessToken, nonces: nonces)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [TestKey.Kind.p256, .ed25519])
    func goodProofIsTaken(kind: TestKey.Kind) throws {
        let key = try TestKey(kind)
        let proof = try check(key.proof(url: Self.url, at: Self.now, jti: "1", accessToken: "token", nonce: "n"), accessToken: "token") {
            $0 == "n"
        }
        #expect(proof.thumbprint == (try key.thumbprint))
        #expect(proof.jti == "1")
        #expect(proof.issuedAt == Self.now)
        #expect(proof.nonce == "n")
    }

    /// RFC 9449 §4.1: the proof for the token request, and §7.1: that for the resource with its `ath`.
    @Test func proofsOfTheStandardAreTaken() throws {
        let key =
            "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR"
            + "nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19."
        let first =
            key
            + "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY"
            + "yNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
        let proof = try DPoPProof.check(
            first, method: "POST", url: "https://server.example.com/token", now: Timestamp(seconds: 1_562_262_616))
        #expect(proof.thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
        let second =
            key
            + "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSI"
            + "sImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9."
            + "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
        let accessToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
        let bound = try DPoPProof.check(
            second, method: "GET", url: "https://resource.example.org/protectedresource", now: Timestamp(seconds: 1_562_262_618),
            accessToken: accessToken)
        #expect(bound.jti == "e1j3V_bKic8-LAEB")
    }

    @Test(arguments: ["", "a.b.c", "Bearer x", String(repeating: "a", count: 20_000)])
    func textThatIsNoProofIsRefused(text: String) { #expect(refusal(text) == .malformed) }

    @Test func payloadMustBeOneObject() throws {
        let key = try TestKey()
        let header = JSON.object(["typ": "dpop+jwt", "alg": "ES256", "jwk": try key.jwk]).canonical
        for payload in ["[]", "", #"{"jti":"1","jti":"2"}"#] {
            #expect(refusal(try key.sign(header: header, payload: Array(payload.utf8))) == .malformed)
        }
    }

    @Test(
        arguments: [
            (["typ": "JWT"], .wrongType), (["typ": .null], .wrongType), (["typ": "at+jwt"], .wrongType), (["jwk": .null], .noKey),
            (["alg": "none"], .wrongAlgorithm), (["alg": "HS256"], .wrongAlgorithm), (["alg": "EdDSA"], .wrongAlgorithm),
            (["jwk": "text"], .keyRefused(.malformed)), (["jwk": ["kty": "oct", "k": "AA"]], .keyRefused(.privateKey)),
            (["jwk": ["kty": "EC", "crv": "P-384"]], .keyRefused(.unsupported)), (["crit": ["x"]], .malformed),
        ] as [([String: JSON], DPoPRefusal)])
    func headerDecides(header: [String: JSON], expected: DPoPRefusal) throws {
        #expect(refusal(try TestKey().proof(url: Self.url, at: Self.now, jti: "1", header: header)) == expected)
    }

    @Test func privateKeyInsideIsRefused() throws {
        let key = try TestKey()
        #expect(
            refusal(try key.proof(url: Self.url, at: Self.now, jti: "1", header: ["jwk": key.jwk.with("d", "AA")]))
                == .keyRefused(.privateKey))
    }

    @Test func keyOfAnotherDoesNotServe() throws {
        let (mine, other) = (try TestKey(), try TestKey())
        #expect(refusal(try mine.proof(url: Self.url, at: Self.now, jti: "1", header: ["jwk": other.jwk])) == .badSignature)
    }

    @Test func largeKeysAreForAssertionsAlone() throws {
        #expect(refusal(try TestKey(.rsa).proof(url: Self.url, at: Self.now, jti: "1")) == .keyRefused(.unsupported))
    }

    @Test(
        arguments: [
            (["htm": "GET"], .otherMethod), (["htm": "post"], .otherMethod), (["htm": .null], .otherMethod), (["htu": .null], .otherURL),
            (["htu": "https://ws-042.example/other"], .otherURL), (["htu": "http://ws-042.example/token"], .otherURL),
            (["htu": "https://ws-042.example:8443/token"], .otherURL), (["htu": "/token"], .otherURL), (["htu": ["x"]], .otherURL),
            (["jti": .null], .badIdentifier), (["jti": ""], .badIdentifier), (["jti": 5], .badIdentifier),
            (["jti": .string(String(repeating: "é", count: 65))], .badIdentifier), (["iat": .null], .stale), (["iat": "now"], .stale),
            (["iat": .int(now.seconds - 61)], .stale), (["iat": .int(now.seconds + 61)], .fromTheFuture), (["iat": .int(.min)], .stale),
            (["iat": .int(.max)], .fromTheFuture),
        ] as [([String: JSON], DPoPRefusal)])
    func claimsDecide(claims: [String: JSON], expected: DPoPRefusal) throws {
        #expect(refusal(try TestKey().proof(url: Self.url, at: Self.now, jti: "1", claims: claims)) == expected)
    }

    @Test(arguments: [-60, 0, 60] as [Int64])
    func clocksMayDifferByAMinute(seconds: Int64) throws {
        #expect(refusal(try TestKey().proof(url: Self.url, at: Self.now.advanced(bySeconds: seconds), jti: "1")) == nil)
    }

    @Test func longestIdentifierIsTaken() throws {
        #expect(refusal(try TestKey().proof(url: Self.url, at: Self.now, jti: String(repeating: "j", count: 128))) == nil)
    }

    @Test func nonceIsAskedForWhereThereIsOne() throws {
        let key = try TestKey()
        let plain = try key.proof(url: Self.url, at: Self.now, jti: "1")
        #expect(refusal(plain) == nil)
        #expect(refusal(plain) { _ in true } == .nonceMissing)
        #expect(refusal(try key.proof(url: Self.url, at: Self.now, jti: "1", nonce: "old")) { $0 == "new" } == .nonceUnknown)
    }

    @Test func proofIsForItsOwnToken() throws {
        let key = try TestKey()
        #expect(refusal(try key.proof(url: Self.url, at: Self.now, jti: "1"), accessToken: "mine") == .otherToken)
        #expect(refusal(try key.proof(url: Self.url, at: Self.now, jti: "1", accessToken: "other"), accessToken: "mine") == .otherToken)
        #expect(refusal(try key.proof(url: Self.url, at: Self.now, jti: "1", accessToken: "mine"), accessToken: "mine") == nil)
    }

    @Test(
        arguments: [
            ("https://WS-042.example/token", true), ("HTTPS://ws-042.example:443/token", true), ("https://ws-042.example:/token", true),
            ("https://ws-042.example/token?a=b", true), ("https://ws-042.example/token#f", true), ("https://ws-042.example/t%6fken", true),
            ("https://ws-042.example/token/", false), ("https://ws-042.example/Token", false), ("https://user@ws-042.example/token", false),
            ("https://ws-042.example/x/../token", false), ("https://ws-042.example/./token", false),
            ("https://ws-042.example/x/%2e%2e/token", false), ("https://ws-042.example\\token", false), ("https:///token", false),
            ("https://ws-042.example:99999/token", false), ("https://ws-042.example:4a/token", false),
            ("https://ws-042.example/to ken", false),
            ("https://ws-042.example/tok%6", false), ("https://ws-042.example.evil/token", false), ("ftp://ws-042.example/token", false),
        ])
    func addressesAreComparedInTheirNormalForm(named: String, same: Bool) throws {
        #expect((refusal(try TestKey().proof(url: named, at: Self.now, jti: "1")) == nil) == same)
    }

    @Test func emptyPathAndNumbersOfHostsAreNormal() throws {
        let key = try TestKey()
        #expect(refusal(try key.proof(url: "https://[2001:DB8::1]", at: Self.now, jti: "1"), url: "https://[2001:db8::1]:443/") == nil)
        #expect(refusal(try key.proof(url: "http://h:80/%2f", at: Self.now, jti: "1"), url: "http://h/%2F") == nil)
        #expect(refusal(try key.proof(url: "https://[2001:db8::1", at: Self.now, jti: "1"), url: "https://[2001:db8::1") == .otherURL)
    }

    @Test func everyRefusalHasACodeAndAText() {
        let all: [DPoPRefusal] = [
            .missing, .several, .malformed, .wrongType, .wrongAlgorithm, .noKey, .keyRefused(.privateKey), .keyRefused(.unsupported),
            .badSignature, .otherMethod, .otherURL, .badIdentifier, .stale, .fromTheFuture, .nonceMissing, .nonceUnknown, .otherToken,
            .otherKey, .replayed, .tooMany,
        ]
        #expect(Set(all.map(\.text)).count == all.count)
        for refusal in all {
            #expect(refusal.text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
            let asksForNonce = refusal == .nonceMissing || refusal == .nonceUnknown
            #expect(refusal.code == (asksForNonce ? "use_dpop_nonce" : "invalid_dpop_proof"))
        }
    }
}
