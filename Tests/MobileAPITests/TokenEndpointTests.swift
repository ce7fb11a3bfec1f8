import Habilitation
import MobileAPI
import MobileSessions
import Primitives
import Sessions
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TokenEndpointTests {
    private static let preAuthorized = [
        "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code", "client_id": "cps-mobile", "pre-authorized_code": "abc",
        "tx_code": "07", "device_name": "Téléphone de garde", "scope": "record:read record:write", "resource": "https://records.example",
    ]

    private static func form(_ changes: [String: String?]) -> [String: String] {
        var form: [String: String?] = preAuthorized.mapValues { $0 }
        for (name, value) in changes { form[name] = value }
        return form.compactMapValues { $0 }
    }

    @Test func whatADeviceAsksForReachesTheAgent() async throws {
        let listener = try await TestListener()
        let key = try TestKey()
        let answer = try await listener.post(
            "/token", Self.preAuthorized, [listener.proof(key, nonce: try await listener.nonce())])
        #expect(answer.status == 200, "\(answer.body)")
        for part in [
            #""access_token":"access""#, #""token_type":"DPoP""#, #""expires_in":300"#, #""refresh_token":"refresh""#,
            #""scope":"record:read record:write""#, #""session":"s1""#, #""session_expires_in":14400"#,
        ] { #expect(answer.body.contains(part)) }
        #expect(answer["cache-control"] == "no-store")
        #expect(answer["dpop-nonce"] != nil)
        guard case .tokens(let grant, let request)? = listener.service.calls.last else {
            Issue.record("nobody was asked")
            return
        }
        #expect(grant == .preAuthorized(code: "abc", digits: "07"))
        #expect(request.thumbprint == (try key.thumbprint))
        #expect(request.client.name == "cps-mobile" && request.address == "127.0.0.1")
        #expect(request.deviceName == "Téléphone de garde" && request.resource == "https://records.example")
        #expect(request.scopes.map(\.text) == ["record:read", "record:write"])
        await listener.stop()
    }

    @Test(arguments: [
        (["grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "d"], MobileGrant.device(code: "d")),
        (["grant_type": "refresh_token", "refresh_token": "r"], .refresh(token: "r")),
    ])
    func otherGrantsReachTheAgentToo(_ form: [String: String], _ expected: MobileGrant) async throws {
        let listener = try await TestListener()
        let proof = try listener.proof(try TestKey(.ed25519), nonce: try await listener.nonce())
        #expect(try await listener.post("/token", form.merging(["client_id": "cps-mobile"]) { $1 }, [proof]).status == 200)
        guard case .tokens(let grant, _)? = listener.service.calls.last else {
            Issue.record("nobody was asked")
            return
        }
        #expect(grant == expected)
        await listener.stop()
    }

    @Test func aDeviceGrantBegins() async throws {
        let listener = try await TestListener()
        let proof = try listener.proof(try TestKey(), "/device_authorization", nonce: try await listener.nonce())
        let answer = try await listener.post("/device_authorization", ["client_id": "cps-mobile", "device_name": "PDA 3"], [proof])
        #expect(answer.status == 200)
        for part in [
            #""device_code":"device-code""#, #""user_code":"WDJB-MJHT""#, #""interval":5"#, #""expires_in":600"#,
            #""verification_uri":"https://ws-042.example/device""#,
        ] { #expect(answer.body.contains(part)) }
        await listener.stop()
    }

    @Test(
        arguments: [
            (["grant_type": nil], "invalid_request"), (["grant_type": "password"], "unsupported_grant_type"),
            (["grant_type": "authorization_code"], "unsupported_grant_type"), (["client_id": nil], "invalid_request"),
            (["pre-authorized_code": nil], "invalid_request"), (["pre-authorized_code": ""], "invalid_request"),
            (["pre-authorized_code": "a b"], "invalid_grant"),
            (["pre-authorized_code": String(repeating: "a", count: 2000)], "invalid_grant"),
            (["tx_code": nil], "invalid_request"), (["tx_code": "7"], "invalid_request"), (["tx_code": "007"], "invalid_request"),
            (["tx_code": "+7"], "invalid_request"), (["tx_code": "٠٧"], "invalid_request"),
            (["device_name": "a\nb"], "invalid_request"), (["device_name": "\u{202E}enohp"], "invalid_request"),
            (["device_name": "  "], "invalid_request"), (["device_name": String(repeating: "a", count: 65)], "invalid_request"),
            (["scope": "record:read \"x\""], "invalid_scope"),
            (["scope": (0..<65).map { "s\($0)" }.joined(separator: " ")], "invalid_scope"),
            (["resource": "records"], "invalid_target"), (["resource": "https://records.example/#a"], "invalid_target"),
            (["resource": "https://rec ords.example"], "invalid_target"), (["resource": ":x"], "invalid_target"),
            (["grant_type": "refresh_token"], "invalid_request"),
        ] as [([String: String?], String)])
    func formsThatAreNotRightAreRefused(_ changes: [String: String?], _ code: String) async throws {
        let listener = try await TestListener()
        let proof = try listener.proof(try TestKey(), nonce: try await listener.nonce())
        let answer = try await listener.post("/token", Self.form(changes), [proof])
        #expect(answer.status == 400)
        #expect(answer.body.contains("\"error\":\"\(code)\""), "\(answer.body)")
        #expect(listener.service.calls.isEmpty)
        await listener.stop()
    }

    @Test(arguments: ["grant_type", "client_id", "tx_code", "resource", "scope"])
    func aParameterThatStandsTwiceIsRefused(_ name: String) async throws {
        let listener = try await TestListener()
        let proof = try listener.proof(try TestKey(), nonce: try await listener.nonce())
        let body = TestListener.encoded(Self.preAuthorized) + "&\(name)=07"
        let answer = try await listener.ask("POST", "/token", [TestListener.formType, proof], body: body)
        #expect(answer.status == 400 && answer.body.contains("invalid_request"))
        #expect(listener.service.calls.isEmpty)
        await listener.stop()
    }

    @Test(arguments: ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencodedx", ""])
    func anotherContentTypeIsRefused(_ type: String) async throws {
        let listener = try await TestListener()
        let proof = try listener.proof(try TestKey(), nonce: try await listener.nonce())
        let answer = try await listener.ask(
            "POST", "/token", (type.isEmpty ? [] : ["Content-Type: \(type)"]) + [proof], body: TestListener.encoded(Self.preAuthorized))
        #expect(answer.status == 415 && answer.body.contains("invalid_request"))
        #expect(listener.service.calls.isEmpty)
        await listener.stop()
    }

    @Test(arguments: [
        (["client_id": "other"], [String]()), (["client_id": "records"], []), (["client_secret": "x"], []), (["client_assertion": "x"], []),
        ([:], ["Authorization: Basic Y3BzLW1vYmlsZTo="]),
    ])
    func onlyProgramsForDevicesGetTokens(_ changes: [String: String], _ fields: [String]) async throws {
        let listener = try await TestListener()
        let proof = try listener.proof(try TestKey(), nonce: try await listener.nonce())
        let answer = try await listener.post("/token", Self.form(changes), fields + [proof])
        #expect(answer.status == 401 && answer.body.contains("invalid_client"))
        #expect(answer["www-authenticate"] == "Bearer realm=\"https://ws-042.example\"")
        let name = changes["client_id"] ?? "cps-mobile"
        #expect(listener.service.calls == [.refused(.invalidClient, name, "/token")])
        await listener.stop()
    }

    @Test(arguments: [
        (MobileRefusal(.authorizationPending), 400, "authorization_pending"), (MobileRefusal(.slowDown), 400, "slow_down"),
        (MobileRefusal(.accessDenied), 400, "access_denied"), (MobileRefusal(.expiredToken), 400, "expired_token"),
        (MobileRefusal(.invalidGrant, "a \"quoted\" détail\n"), 400, "invalid_grant"),
        (MobileRefusal(.unauthorizedClient), 400, "unauthorized_client"), (MobileRefusal(.serverError), 500, "server_error"),
        (MobileRefusal(.temporarilyUnavailable), 503, "temporarily_unavailable"),
        (MobileRefusal(.temporarilyUnavailable, retryAfter: 7), 429, "temporarily_unavailable"),
    ])
    func refusalsOfTheAgentHaveTheFormOfOAuth(_ refusal: MobileRefusal, _ status: Int, _ code: String) async throws {
        let listener = try await TestListener()
        listener.service.refuse(refusal)
        let proof = try listener.proof(try TestKey(), nonce: try await listener.nonce())
        let answer = try await listener.post("/token", Self.preAuthorized, [proof])
        #expect(answer.status == status)
        #expect(answer.body.contains("\"error\":\"\(code)\""))
        #expect(answer.body.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(answer["retry-after"] == (status == 429 ? "7" : status == 503 ? "5" : nil))
        #expect(listener.service.refused.isEmpty, "the agent has traced it")
        await listener.stop()
    }

    @Test(arguments: [(MobileRefusal(.invalidGrant), 400), (MobileRefusal(.temporarilyUnavailable, retryAfter: 1), 429)])
    func whoGuessesOrAsksTooOftenIsNotHeardForAWhile(_ refusal: MobileRefusal, _ status: Int) async throws {
        let listener = try await TestListener {
            $0.refusals = 5
            $0.refusalsPerSecond = 1
        }
        listener.service.refuse(refusal)
        let key = try TestKey()
        let nonce = try await listener.nonce()
        for _ in 0..<4 {
            #expect(try await listener.post("/token", Self.preAuthorized, [listener.proof(key, nonce: nonce)]).status == status)
        }
        let asked = listener.service.calls.count
        let answer = try await listener.post("/token", Self.preAuthorized, [listener.proof(key, nonce: nonce)])
        #expect(answer.status == 429 && answer["retry-after"] == "1")
        #expect(listener.service.calls.count == asked)
        #expect(listener.service.refused == [.refused(.temporarilyUnavailable, nil, "/token")])
        listener.clock.advance(seconds: 1)
        #expect(try await listener.post("/token", Self.preAuthorized, [listener.proof(key, nonce: nonce)]).status == status)
        await listener.stop()
    }
}
