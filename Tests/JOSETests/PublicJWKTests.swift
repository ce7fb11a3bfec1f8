import JOSE
import Primitives
import TestSupport
import Testing

struct PublicJWKTests {
    private func refusal(_ jwk: JSON) -> JWKRefusal? {
        do throws(JWKRefusal) {
            _ = try PublicJWK(jwk)
            return nil
        } catch {
            return error
        }
    }

    /// RFC 8037 appendix A.3.
    @Test func thumbprintIsThatOfTheStandard() throws {
        let key = try PublicJWK(["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])
        #expect(key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    /// RFC 7638 §3.1.
    @Test func thumbprintOfRSAIsThatOfTheStandard() throws {
        let key = try PublicJWK([
            "kty": "RSA",
            "n":
                .string(
                    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64t"
                        + "Z_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5haj"
                        + "rn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"),
            "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        ])
        #expect(key.thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
        #expect(key.algorithms == ["RS256"])
        #expect(!key.isOnACurve)
    }

    @Test(arguments: TestKey.Kind.allCases)
    func keyIsReadWithoutItsDecorations(kind: TestKey.Kind) throws {
        let maker = try TestKey(kind)
        let key = try PublicJWK(
            maker.jwk.with("kid", "k1").with("use", "sig").with("key_ops", ["verify"]).with("alg", .string(kind.rawValue)).with(
                "x5u", "https://a"))
        #expect(key.json == (try maker.jwk))
        #expect(key.thumbprint == (try maker.thumbprint))
        #expect(key.kid == "k1")
        #expect(key.algorithms == [kind.rawValue])
        #expect(key != (try PublicJWK(maker.jwk)))
    }

    @Test(arguments: ["d", "p", "q", "dp", "dq", "qi", "oth", "k"], TestKey.Kind.allCases)
    func privateMembersAreRefused(member: String, kind: TestKey.Kind) throws {
        #expect(refusal(try TestKey(kind).jwk.with(member, "AQAB")) == .privateKey)
        #expect(refusal(try TestKey(kind).jwk.with(member, .null)) == .privateKey)
    }

    @Test func sharedSecretIsRefused() { #expect(refusal(["kty": "oct", "k": "AAAA"]) == .privateKey) }

    @Test func otherKindsAreRefused() throws {
        let ec = try TestKey(.p256).jwk
        #expect(refusal([:]) == .unsupported)
        #expect(refusal(["kty": "oct"]) == .unsupported)
        #expect(refusal(ec.with("crv", "P-384")) == .unsupported)
        #expect(refusal(ec.with("crv", "secp256k1")) == .unsupported)
        #expect(refusal(ec.with("kty", "OKP")) == .unsupported)
        #expect(refusal(try TestKey(.ed25519).jwk.with("crv", "X25519")) == .unsupported)
        #expect(refusal(ec.with("alg", "HS256")) == .unsupported)
        #expect(refusal(ec.with("alg", "EdDSA")) == .unsupported)
        #expect(refusal(try TestKey(.rsa).jwk.with("alg", "RS1")) == .unsupported)
        #expect(refusal(ec.with("use", "enc")) == .notForSignatures)
        #expect(refusal(ec.with("key_ops", ["encrypt"])) == .notForSignatures)
    }

    @Test(arguments: [.null, .string("text"), .array([]), .int(1)] as [JSON])
    func whatIsNoKeyIsMalformed(jwk: JSON) { #expect(refusal(jwk) == .malformed) }

    @Test func membersOfAnotherTypeAreMalformed() throws {
        let ec = try TestKey(.p256).jwk
        for name in ["kid", "use", "alg", "key_ops", "x"] { #expect(refusal(ec.with(name, 1)) == .malformed) }
        #expect(refusal(ec.with("x", "no base64url=")) == .malformed)
        #expect(refusal(ec.with("y", "")) == .malformed)
    }

    @Test func coordinatesHaveTheLengthOfTheCurve() throws {
        let (ec, ed) = (try TestKey(.p256).jwk, try TestKey(.ed25519).jwk)
        for count in [1, 31, 33, 64] {
            let bytes = JSON.string(Base64URL.encode([UInt8](repeating: 1, count: count)))
            for member in ["x", "y"] { #expect(refusal(ec.with(member, bytes)) == .wrongLength) }
            #expect(refusal(ed.with("x", bytes)) == .wrongLength)
        }
        #expect(refusal(ec.with("x", .string(String(repeating: "A", count: 100_000)))) == .wrongLength)
    }

    @Test func pointOffTheCurveIsRefused() throws {
        let ec = try TestKey(.p256).jwk
        for byte in [0, 1, 0xFF] as [UInt8] {
            let coordinate = JSON.string(Base64URL.encode([UInt8](repeating: byte, count: 32)))
            #expect(refusal(ec.with("x", coordinate).with("y", coordinate)) == .notAPoint)
        }
    }

    @Test func shortOrPaddedModulusIsRefused() throws {
        let rsa = try TestKey(.rsa).jwk
        let modulus = try #require(rsa["n"]?.string.flatMap { Base64URL.decode($0) })
        func with(_ bytes: [UInt8]) -> JSON { rsa.with("n", .string(Base64URL.encode(bytes))) }
        #expect(refusal(with(Array(modulus.dropFirst()))) == .wrongLength)
        #expect(refusal(with([0] + modulus)) == .malformed)
        #expect(refusal(with([0x40] + modulus.dropFirst())) == .wrongLength)
        #expect(refusal(with(modulus + modulus + [1])) == .wrongLength)
        for exponent in ["AQ", "Ag", "AAEAAQ", "AQAAAAE"] { #expect(refusal(rsa.with("e", .string(exponent))) == .malformed) }
    }

    @Test func setPassesOverWhatItDoesNotKnow() throws {
        let (first, second) = (try TestKey(.p256).jwk.with("kid", "a"), try TestKey(.ed25519).jwk.with("kid", "b"))
        let set = try JWKSet(JSON.object(["keys": [first, ["kty": "EC", "crv": "P-521"], second, ["kty": "EC"], 5]]).canonical)
        #expect(set.keys.map(\.kid) == ["a", "b"])
        #expect(set.keys(named: "b").map(\.kid) == ["b"])
        #expect(set.keys(named: "c").isEmpty)
        #expect(set.keys(named: nil).isEmpty)
        #expect(try JWKSet(["keys": [first]]).keys(named: nil).map(\.kid) == ["a"])
    }

    @Test func badSetsAreRefused() throws {
        let key = try TestKey(.p256).jwk
        #expect(throws: JWKSetRefusal.privateKey) { try JWKSet(["keys": [key, key.with("d", "AA")]]) }
        #expect(throws: JWKSetRefusal.malformed) { try JWKSet([key]) }
        #expect(throws: JWKSetRefusal.malformed) { try JWKSet(Array("nonsense".utf8)) }
        #expect(throws: JWKSetRefusal.malformed) { try JWKSet(Array(#"{"keys":[],"keys":[]}"#.utf8)) }
        #expect(throws: JWKSetRefusal.tooLarge) { try JWKSet([UInt8](repeating: 0x20, count: JWKSet.sizeLimit + 1)) }
        #expect(throws: JWKSetRefusal.tooLarge) { try JWKSet(["keys": .array(Array(repeating: key, count: JWKSet.countLimit + 1))]) }
        #expect(try JWKSet(["keys": []]).keys.isEmpty)
    }
}
