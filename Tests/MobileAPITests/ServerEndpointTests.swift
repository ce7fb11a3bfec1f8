import MobileSessions
import Primitives
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ServerEndpointTests {
    private static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    private static func claims(_ listener: TestListener, _ changes: [String: JSON] = [:]) -> JSON {
        let now = listener.clock.now().seconds
        let usual: [String: JSON] = [
            "iss": "records", "sub": "records", "aud": .string(TestListener.issuer), "exp": .int(now + 60), "iat": .int(now),
            "jti": .string(SystemRandom().opaqueID()),
        ]
        return .object(usual.merging(changes) { $1 }.filter { $0.value != .null })
    }

    private static func assertion(
        _ listener: TestListener, _ changes: [String: JSON] = [:], header: JSON = ["kid": "k1", "typ": "JWT"]
    ) throws -> String {
        try listener.recordsKey.sign(header, claims(listener, changes))
    }

    private static func form(_ assertion: String) -> [String: String] {
        ["token": "t", "client_assertion_type": type, "client_assertion": assertion]
    }

    @Test func aServerIsKnownByItsCertificate() async throws {
        let listener = try await TestListener()
        listener.service.claim(["active": .bool(true), "sub": "899900063480"])
        let answer = try await listener.post("/introspect", ["token": "t"], certificate: "records")
        #expect(answer.status == 200 && answer.body == #"{"active":true,"sub":"899900063480"}"#)
        #expect(answer["cache-control"] == "private, max-age=5")
        let named = try await listener.post("/introspect", ["token": "t", "client_id": "records"], certificate: "records")
        #expect(named.status == 200)
        #expect(listener.service.calls == [.introspect("t", "records"), .introspect("t", "records")])
        await listener.stop()
    }

    @Test(arguments: ["aud", "aud list", "token endpoint", "own endpoint"])
    func aServerIsKnownByWhatItSigns(_ kind: String) async throws {
        let listener = try await TestListener()
        let audience: JSON =
            switch kind {
            case "aud list": ["https://other.example", .string(TestListener.issuer)]
            case "token endpoint": .string("\(TestListener.issuer)/token")
            case "own endpoint": .string("\(TestListener.issuer)/introspect")
            default: .string(TestListener.issuer)
            }
        let answer = try await listener.post("/introspect", Self.form(try Self.assertion(listener, ["aud": audience])))
        #expect(answer.status == 200 && answer.body == #"{"active":false}"#)
        #expect(listener.service.calls == [.introspect("t", "records")])
        await listener.stop()
    }

    @Test func nothingIsSaidOfADeadToken() async throws {
        let listener = try await TestListener()
        listener.service.claim(["active": .bool(false), "sub": "899900063480"])
        let answer = try await listener.post("/introspect", ["token": "t"], certificate: "records")
        #expect(answer.body == #"{"active":false}"#)
        await listener.stop()
    }

    @Test(arguments: ["/introspect", "/revoke", "/events"])
    func nobodyElseIsAnswered(_ path: String) async throws {
        let listener = try await TestListener()
        listener.service.claim(["active": .bool(true)])
        let basic = "Authorization: Basic cmVjb3JkczpzZWNyZXQ="
        for (form, fields, certificate) in [
            ([:], [], nil), ([:], [], "stranger"), (["client_id": "records"], [], nil), (["client_id": "records"], [], "stranger"),
            (["client_id": "lab"], [], "records"), (["client_id": "records", "client_secret": "x"], [], nil), ([:], [basic], nil),
            (["client_secret": "x"], [], "records"),
        ] as [([String: String], [String], String?)] {
            // What stands in a form counts where there is a form.
            if path == "/events", !form.isEmpty { continue }
            let answer =
                path == "/events"
                ? try await listener.ask("POST", path, ["Content-Type: application/json"] + fields, body: "{}", certificate: certificate)
                : try await listener.post(path, form.merging(["token": "t"]) { $1 }, fields, certificate: certificate)
            #expect(answer.status == 401 && answer.body.contains("invalid_client"), "\(form) \(fields) \(certificate ?? "-")")
            #expect(answer["www-authenticate"] != nil)
        }
        #expect(listener.service.calls.count == listener.service.refused.count && !listener.service.refused.isEmpty)
        await listener.stop()
    }

    @Test(
        arguments: [
            ["iss": "lab"], ["sub": "lab"], ["iss": "lab", "sub": "lab"], ["iss": "cps-mobile", "sub": "cps-mobile"],
            ["aud": "https://other.example"], ["aud": .null], ["exp": .null], ["exp": 0], ["exp": 9_999_999_999], ["nbf": 9_999_999_999],
            ["jti": .null], ["jti": ""],
        ] as [[String: JSON]])
    func assertionsForOthersAreRefused(_ changes: [String: JSON]) async throws {
        let listener = try await TestListener()
        let answer = try await listener.post("/introspect", Self.form(try Self.assertion(listener, changes)))
        #expect(answer.status == 401 && answer.body.contains("invalid_client"))
        #expect(listener.service.calls == listener.service.refused)
        await listener.stop()
    }

    @Test(
        arguments: [
            ["alg": "none"], ["alg": "HS256"], ["alg": "RS256"], ["alg": "PS256"], ["alg": "ES384"], ["kid": "k2"], ["kid": .null],
            ["typ": "at+jwt"], ["typ": "dpop+jwt"], ["crit": ["x"]], ["b64": .bool(false)],
        ] as [[String: JSON]])
    func assertionsWithTricksInTheirHeaderAreRefused(_ changes: [String: JSON]) async throws {
        let listener = try await TestListener()
        let usual: [String: JSON] = ["kid": "k1", "typ": "JWT"]
        let header = JSON.object(usual.merging(changes) { $1 }.filter { $0.value != .null })
        let answer = try await listener.post("/introspect", Self.form(try Self.assertion(listener, header: header)))
        // One key alone needs no name.
        #expect(answer.status == (changes == ["kid": .null] ? 200 : 401))
        await listener.stop()
    }

    @Test func anAssertionOfAStrangersKeyIsRefusedAlsoWithTheKeyInside() async throws {
        let listener = try await TestListener()
        let stranger = try TestKey()
        for header: JSON in [["kid": "k1"], ["kid": "k1", "jwk": try stranger.jwk], ["kid": .string(try stranger.thumbprint)]] {
            let assertion = try stranger.sign(header, Self.claims(listener))
            #expect(try await listener.post("/introspect", Self.form(assertion)).status == 401)
        }
        await listener.stop()
    }

    @Test func anAssertionWorksOnce() async throws {
        let listener = try await TestListener()
        let form = Self.form(try Self.assertion(listener))
        #expect(try await listener.post("/introspect", form).status == 200)
        #expect(try await listener.post("/introspect", form).status == 401)
        #expect(try await listener.post("/introspect", Self.form("x.y.z")).status == 401)
        var other = Self.form(try Self.assertion(listener))
        other["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
        #expect(try await listener.post("/introspect", other).status == 401)
        other["client_assertion_type"] = nil
        #expect(try await listener.post("/introspect", other).status == 401)
        await listener.stop()
    }

    @Test func serversAndDevicesRevoke() async throws {
        let listener = try await TestListener()
        #expect(try await listener.post("/revoke", ["token": "a"], certificate: "records").status == 200)
        #expect(try await listener.post("/revoke", ["token": "b", "client_id": "cps-mobile"]).status == 200)
        var form = Self.form(try Self.assertion(listener))
        form["token"] = "c"
        #expect(try await listener.post("/revoke", form).status == 200)
        #expect(listener.service.calls == [.revoke("a", "records"), .revoke("b", "cps-mobile"), .revoke("c", "records")])
        #expect(try await listener.post("/revoke", ["client_id": "cps-mobile"]).status == 400)
        #expect(try await listener.post("/introspect", [:], certificate: "records").status == 400)
        await listener.stop()
    }

    @Test func aServerFetchesWhatHasEnded() async throws {
        let listener = try await TestListener()
        listener.service.tell(SignalPage(signals: [SignalText(id: "j1", token: "a.b.c")], moreAvailable: true))
        let body = #"{"ack":["j0"],"setErrs":{"j9":{"err":"invalid_key","description":"?"}},"maxEvents":3,"returnImmediately":true}"#
        let json = "Content-Type: application/json"
        let answer = try await listener.ask("POST", "/events", [json], body: body, certificate: "records")
        #expect(answer.status == 200 && answer.body == #"{"moreAvailable":true,"sets":{"j1":"a.b.c"}}"#)
        let bearer = "Authorization: Bearer \(try Self.assertion(listener, ["aud": .string("\(TestListener.issuer)/events")]))"
        #expect(try await listener.ask("POST", "/events", [json, bearer], body: "{}").status == 200)
        #expect(try await listener.ask("POST", "/events", [json], body: #"{"maxEvents":0}"#, certificate: "records").status == 200)
        #expect(
            listener.service.calls == [
                .poll(["j0"], ["j9"], 3, false, "records"), .poll([], [], 100, true, "records"), .poll([], [], 0, false, "records"),
            ])
        await listener.stop()
    }

    @Test(arguments: [
        #"{"ack":"j0"}"#, #"{"ack":[1]}"#, #"{"setErrs":[]}"#, #"{"maxEvents":-1}"#, #"{"maxEvents":"1"}"#, #"{"returnImmediately":1}"#,
        "[]", "", "{", #"{"ack":[],"ack":[]}"#, #"{"ack":["\#(String(repeating: "a", count: 200))"]}"#,
    ])
    func pollsThatAreNotRightAreRefused(_ body: String) async throws {
        let listener = try await TestListener()
        let answer = try await listener.ask("POST", "/events", ["Content-Type: application/json"], body: body, certificate: "records")
        #expect(answer.status == 400 && answer.body.contains("invalid_request"))
        #expect(listener.service.calls.isEmpty)
        await listener.stop()
    }
}
