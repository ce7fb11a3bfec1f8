import Foundation
import MobileAPI
import NIOCore
import NIOSSL
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ListenerTests {
    private static let get = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test(arguments: [TLSVersion.tlsv12, .tlsv13])
    func bothVersionsOfTLSAreSpoken(_ version: TLSVersion) async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect(
            TLSFiles.client {
                $0.minimumTLSVersion = version
                $0.maximumTLSVersion = version
            })
        connection.send(Self.get)
        #expect(await connection.answer()?.status == 200)
        await listener.stop()
    }

    @Test(arguments: [TLSVersion.tlsv1, .tlsv11])
    func olderVersionsOfTLSAreRefused(_ version: TLSVersion) async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect(
            TLSFiles.client {
                $0.minimumTLSVersion = .tlsv1
                $0.maximumTLSVersion = version
            })
        connection.send(Self.get)
        #expect(await connection.isCut())
        #expect(connection.text.isEmpty)
        await listener.stop()
    }

    @Test(arguments: [
        NIOTLSCipher.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, .TLS_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_RSA_WITH_AES_128_CBC_SHA,
    ])
    func weakSuitesAreRefused(_ suite: NIOTLSCipher) async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect(
            TLSFiles.client {
                $0.maximumTLSVersion = .tlsv12
                $0.cipherSuiteValues = [suite]
            })
        connection.send(Self.get)
        #expect(await connection.isCut())
        #expect(connection.text.isEmpty)
        await listener.stop()
    }

    @Test func plainHTTPIsNotAnswered() async throws {
        let listener = try await TestListener()
        let connection = try await Connection.open(listener.port, nil)
        connection.send(Self.get)
        #expect(await connection.isCut())
        #expect(!connection.text.contains("HTTP/1.1"))
        await listener.stop()
    }

    @Test func aConnectionServesManyRequests() async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect()
        for _ in 0..<20 {
            connection.send(Self.get)
            #expect(await connection.answer()?.status == 200)
        }
        await listener.stop()
    }

    @Test func headersSayWhatTheyShould() async throws {
        let listener = try await TestListener()
        let answer = try await listener.ask("GET", "/.well-known/oauth-authorization-server")
        #expect(answer["strict-transport-security"] == "max-age=31536000")
        #expect(answer["server"] == nil)
        #expect(answer["content-type"] == "application/json")
        let token = try await listener.post("/token", ["client_id": "cps-mobile"])
        #expect(token["cache-control"] == "no-store" && token["pragma"] == "no-cache")
        await listener.stop()
    }

    @Test(arguments: [
        ("GET", "/v1/status"), ("GET", "/v1/jwks"), ("POST", "/v1/introspect"), ("GET", "/v1/events"), ("POST", "/v1/logins"),
        ("GET", "/v1/sessions"), ("POST", "/v1/mobile/pairings"), ("GET", "/"), ("GET", "/token"), ("POST", "/token/"), ("POST", "//token"),
        ("POST", "/TOKEN"), ("POST", "/%74oken"), ("OPTIONS", "/token"), ("OPTIONS", "*"), ("PUT", "/token"), ("TRACE", "/token"),
        ("DELETE", "/device"), ("GET", "/.well-known/openid-configuration"), ("POST", "/v1/../token"),
    ])
    func nothingElseIsServed(_ method: String, _ path: String) async throws {
        let listener = try await TestListener()
        let answer = try await listener.ask(method, path, body: method == "POST" ? "" : nil)
        #expect(answer.status == 404)
        #expect(answer["content-type"] == "application/json")
        #expect(answer.body.contains("\"error\":\"invalid_request\""))
        #expect(listener.service.calls.isEmpty)
        await listener.stop()
    }

    @Test(arguments: ["/.well-known/jwks.json", "/nothing"])
    func answersToHEADEndWithTheirHead(_ path: String) async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect()
        connection.send("HEAD \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n" + Self.get)
        #expect(await connection.hears("t1"))
        let end = try #require(connection.text.range(of: "\r\n\r\n"))
        #expect(connection.text.hasPrefix("HTTP/1.1 404 "))
        #expect(connection.text[end.upperBound...].hasPrefix("HTTP/1.1 200 "))
        await listener.stop()
    }
}
