import Crypto
import Foundation
import JOSE
import Primitives
import TestSupport
import Testing

struct CompactJWSTests {
    private func refusal(_ text: String) -> JWSRefusal? {
        do throws(JWSRefusal) {
            _ = try CompactJWS(text)
            return nil
        } catch {
            return error
        }
    }

    private func encoded(_ header: String) -> String { Base64URL.encode(Array(header.utf8)) + ".e30.AAAA" }

    /// RFC 8037 appendix A.4.
    @Test func messageOfTheStandardIsVerified() throws {
        let key = try PublicJWK(["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])
        let message = try CompactJWS(
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
                + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
        #expect(String(decoding: message.payload, as: UTF8.self) == "Example of Ed25519 signing")
        #expect(message.isSigned(by: key))
        #expect(message.claims == nil)
    }

    /// RFC 7515 appendix A.3.
    @Test func messageOfTheStandardOnP256IsVerified() throws {
        let key = try PublicJWK([
            "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        ])
        let message = try CompactJWS(
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
                + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
        #expect(message.isSigned(by: key))
        #expect(message.claims?["iss"] == "joe")
    }

    @Test(arguments: TestKey.Kind.allCases)
    func keyVerifiesItsOwnSignatureAlone(kind: TestKey.Kind) throws {
        let (mine, other) = (try TestKey(kind), try TestKey(kind))
        let message = try CompactJWS(mine.sign(["typ": "JWT", "kid": "k"], ["a": 1]))
        #expect(message.isSigned(by: try PublicJWK(mine.jwk)))
        #expect(!message.isSigned(by: try PublicJWK(other.jwk)))
        #expect(message.claims == ["a": 1])
        #expect(message.kid == "k")
        #expect(message.type == "jwt")
    }

    @Test func algorithmIsTheKeysAndNeverTheHeaders() throws {
        let key = try TestKey(.p256)
        let jwk = try PublicJWK(key.jwk)
        for algorithm in ["none", "None", "HS256", "EdDSA", "ES384", "RS256", "es256", ""] {
            #expect(!(try CompactJWS(key.sign(["alg": .string(algorithm)], [:]))).isSigned(by: jwk))
        }
        #expect(try CompactJWS(key.sign(["alg": "ES256"], [:])).isSigned(by: jwk))
        let unsigned = "\(Base64URL.encode(Array(#"{"alg":"none"}"#.utf8))).e30."
        #expect(!(try CompactJWS(unsigned)).isSigned(by: jwk))
    }

    /// The public key is known to all: a code made with it as the secret proves nothing.
    @Test func codeWithThePublicKeyAsSecretIsNoSignature() throws {
        let key = try TestKey(.p256)
        let signed = "\(Base64URL.encode(Array(#"{"alg":"HS256"}"#.utf8))).e30"
        let code = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: SymmetricKey(data: try key.jwk.canonical))
        #expect(!(try CompactJWS("\(signed).\(Base64URL.encode(Array(code)))")).isSigned(by: try PublicJWK(key.jwk)))
    }

    @Test func bothNamesOfEdwardsAndBothPaddingsAreKnown() throws {
        let (edwards, rsa) = (try TestKey(.ed25519), try TestKey(.rsa))
        #expect(try CompactJWS(edwards.sign(["alg": "Ed25519"], [:])).isSigned(by: try PublicJWK(edwards.jwk)))
        #expect(try CompactJWS(rsa.sign(["alg": "PS256"], [:])).isSigned(by: try PublicJWK(rsa.jwk)))
        #expect(!(try CompactJWS(rsa.sign(["alg": "PS256"], [:]))).isSigned(by: try PublicJWK(rsa.jwk.with("alg", "RS256"))))
    }

    @Test func emptyAndShortSignaturesAreWrong() throws {
        for kind in TestKey.Kind.allCases {
            let key = try TestKey(kind)
            let parts = try key.sign([:], [:]).split(separator: ".")
            for signature in [
                "", "AAAA", Base64URL.encode([UInt8](repeating: 0, count: 64)), Base64URL.encode([UInt8](repeating: 0, count: 256)),
            ] {
                #expect(!(try CompactJWS("\(parts[0]).\(parts[1]).\(signature)")).isSigned(by: try PublicJWK(key.jwk)))
            }
        }
    }

    @Test(arguments: [
        "", ".", "..", "...", "a", "e30.e30", "e30.e30.AAAA.AAAA", "e30=.e30.AAAA", "e30.e 30.AAAA", "e31.e30.AAAA", "é.é.é",
        "e30.e30.AA+/",
    ])
    func textThatIsNotCompactIsRefused(text: String) {
        let found = refusal(text)
        #expect(found == .notCompact || found == .malformedHeader)
    }

    @Test(
        arguments: [
            "[]", "{}", "x", #"{"alg":5}"#, #"{"alg":"ES256","kid":7}"#, #"{"alg":"ES256","typ":["JWT"]}"#,
            #"{"alg":"none","alg":"ES256"}"#,
        ])
    func headerThatSaysTooLittleOrTwoThingsIsRefused(header: String) { #expect(refusal(encoded(header)) == .malformedHeader) }

    @Test(arguments: [#"{"alg":"ES256","crit":["b64"],"b64":false}"#, #"{"alg":"ES256","crit":[]}"#, #"{"alg":"ES256","b64":true}"#])
    func extensionIsRefused(header: String) { #expect(refusal(encoded(header)) == .unknownExtension) }

    @Test func lengthIsBounded() {
        let start = encoded(#"{"alg":"ES256"}"#)
        #expect(refusal(start + String(repeating: "A", count: CompactJWS.sizeLimit - start.utf8.count)) == nil)
        #expect(refusal(start + String(repeating: "A", count: CompactJWS.sizeLimit - start.utf8.count + 1)) == .tooLong)
        #expect(refusal(String(repeating: ".", count: CompactJWS.sizeLimit)) == .notCompact)
    }

    @Test(arguments: [("at+jwt", "at+jwt"), ("application/at+jwt", "at+jwt"), ("AT+JWT", "at+jwt"), ("Application/X", "x")])
    func typeIsAMediaType(written: String, read: String) throws {
        #expect(try CompactJWS(encoded(#"{"alg":"ES256","typ":"\#(written)"}"#)).type == read)
    }
}
