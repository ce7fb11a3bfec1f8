import Crypto
import Foundation
import Primitives
import Testing
import Tokens

struct TokenSignerTests {
    private static func signer(_ algorithm: TokenAlgorithm = .es256) async throws -> TokenSigner {
        try await TokenSigner(storage: MemoryKeyStorage(), algorithm: algorithm, now: Sample.now)
    }

    private func refusal(_ signer: TokenSigner, _ token: String, now: Timestamp = Sample.now) -> TokenRefusal? {
        do throws(TokenRefusal) {
            _ = try signer.verify(token, now: now)
            return nil
        } catch {
            return error
        }
    }

    private func part(_ token: String, _ index: Int) throws -> [UInt8] {
        try #require(Base64URL.decode(token.split(separator: ".")[index]))
    }

    @Test(arguments: TokenAlgorithm.allCases)
    func tokenHasTheHeaderAndClaimsOfTheContract(algorithm: TokenAlgorithm) async throws {
        let signer = try await Self.signer(algorithm)
        let token = try signer.sign(Sample.claims())
        let header = String(decoding: try part(token, 0), as: UTF8.self)
        #expect(header == #"{"alg":"\#(algorithm.rawValue)","kid":"\#(signer.currentKeyID)","typ":"at+jwt"}"#)
        let expected =
            #"{"acr":"https://ws-042.example/acr/card","amr":["sc","pin","mfa","hwk"],"aud":"https://records.example","#
            + #""auth_time":1780315200,"client_id":"records","cps":{"break_glass":null,"card_serial":"2600855206","mode":"card","#
            + #""profile":"1","reader_kind":"usb","revocation_as_of":"2026-06-01T11:00:00.000Z","test":false,"trace":1234,"#
            + #""workstation":"ws-042"},"exp":1780315320,"extensions":{"ihe_iua":{"purpose_of_use":[{"code":"TREAT","#
            + #""system":"urn:oid:2.16.840.1.113883.5.8"}],"subject_name":"MAX LIBRE","subject_organization_id":["499900063480001"],"#
            + #""subject_role":[{"code":"10","system":"urn:oid:1.2.250.1.71.1.2.7"}]}},"iat":1780315200,"iss":"https://ws-042.example","#
            + #""jti":"t1","nbf":1780315200,"scope":"record:read","sid":"s1","sub":"899900063480"}"#
        #expect(String(decoding: try part(token, 1), as: UTF8.self) == expected)
        #expect(try signer.verify(token, now: Sample.now) == Sample.claims())
    }

    @Test func publishedKeyVerifiesTheToken() async throws {
        let signer = try await Self.signer()
        let token = try signer.sign(Sample.claims())
        let jwk = try #require(signer.jwks()["keys"]?.array?.first)
        let x = try #require(jwk["x"]?.string)
        let y = try #require(jwk["y"]?.string)
        #expect(jwk["kty"] == "EC")
        #expect(jwk["crv"] == "P-256")
        #expect(jwk["alg"] == "ES256")
        #expect(jwk["use"] == "sig")
        let canonical = #"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#
        #expect(jwk["kid"]?.string == Base64URL.encode(Array(SHA256.hash(data: Data(canonical.utf8)))))
        let point = try #require(Base64URL.decode(x)) + #require(Base64URL.decode(y))
        let key = try P256.Signing.PublicKey(rawRepresentation: point)
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: part(token, 2))
        let signed = token.split(separator: ".")[0] + "." + token.split(separator: ".")[1]
        #expect(key.isValidSignature(signature, for: Data(signed.utf8)))
    }

    @Test func publishedEdwardsKeyVerifiesTheToken() async throws {
        let signer = try await Self.signer(.edDSA)
        let token = try signer.sign(Sample.claims())
        let jwk = try #require(signer.jwks()["keys"]?.array?.first)
        #expect(jwk["kty"] == "OKP")
        #expect(jwk["crv"] == "Ed25519")
        #expect(jwk["alg"] == "EdDSA")
        #expect(jwk["d"] == nil)
        let key = try Curve25519.Signing.PublicKey(rawRepresentation: #require(jwk["x"]?.string.flatMap { Base64URL.decode($0) }))
        let signed = token.split(separator: ".")[0] + "." + token.split(separator: ".")[1]
        #expect(key.isValidSignature(try part(token, 2), for: Data(signed.utf8)))
    }

    @Test func timesDecide() async throws {
        let signer = try await Self.signer()
        let token = try signer.sign(Sample.claims())
        #expect(refusal(signer, token, now: Sample.now.advanced(bySeconds: -1)) == .notYetValid)
        #expect(refusal(signer, token, now: Sample.now.advanced(bySeconds: 119)) == nil)
        #expect(refusal(signer, token, now: Sample.now.advanced(bySeconds: 120)) == .expired)
    }

    @Test func tokenOfAnotherAgentHasAnUnknownKey() async throws {
        let token = try await Self.signer().sign(Sample.claims())
        #expect(refusal(try await Self.signer(), token) == .unknownKey)
    }

    @Test(arguments: TokenAlgorithm.allCases)
    func everyChangedCharacterIsRefused(algorithm: TokenAlgorithm) async throws {
        let signer = try await Self.signer(algorithm)
        let token = Array(try signer.sign(Sample.claims()).utf8)
        for index in stride(from: 0, to: token.count, by: 5) {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(refusal(signer, String(decoding: changed, as: UTF8.self)) != nil)
        }
    }

    @Test func headerIsNeverTakenOnTrust() async throws {
        let signer = try await Self.signer()
        let parts = try signer.sign(Sample.claims()).split(separator: ".").map(String.init)
        func with(_ header: String) -> String { "\(Base64URL.encode(Array(header.utf8))).\(parts[1]).\(parts[2])" }
        let kid = signer.currentKeyID
        #expect(refusal(signer, with(#"{"alg":"none","kid":"\#(kid)","typ":"at+jwt"}"#)) == .badSignature)
        #expect(refusal(signer, with(#"{"alg":"HS256","kid":"\#(kid)","typ":"at+jwt"}"#)) == .badSignature)
        #expect(refusal(signer, with(#"{"alg":"EdDSA","kid":"\#(kid)","typ":"at+jwt"}"#)) == .badSignature)
        #expect(refusal(signer, with(#"{"alg":"ES256","kid":"other","typ":"at+jwt"}"#)) == .unknownKey)
        #expect(refusal(signer, with(#"{"alg":"ES256","typ":"at+jwt"}"#)) == .malformed)
        #expect(refusal(signer, with(#"{"alg":"ES256","kid":"\#(kid)","typ":"JWT"}"#)) == .wrongType)
        #expect(refusal(signer, with(#"{"alg":"ES256","kid":"\#(kid)"}"#)) == .wrongType)
        #expect(refusal(signer, with(#"{"alg":"ES256","kid":"\#(kid)","typ":"at+jwt","crit":["x"]}"#)) == .malformed)
        #expect(refusal(signer, with("[]")) == .malformed)
    }

    @Test(arguments: ["", ".", "..", "...", "a.b.c", "é.é.é", "eyJ9.e30.", String(repeating: "a", count: 20_000)])
    func textThatIsNoTokenIsMalformed(text: String) async throws {
        #expect(refusal(try await Self.signer(), text) == .malformed)
    }

    @Test func contradictoryTimesAreNotSigned() async throws {
        let signer = try await Self.signer()
        var late = Sample.claims()
        late.nbf = late.exp
        for claims in [Sample.claims(life: 0), Sample.claims(life: -5), Sample.claims(life: 901), late] {
            #expect(throws: SigningFailure.invalidClaims) { try signer.sign(claims) }
        }
        #expect(throws: Never.self) { try signer.sign(Sample.claims(life: 900)) }
    }
}
