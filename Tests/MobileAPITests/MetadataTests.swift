import Foundation
import MobileAPI
import Primitives
import Testing

@Suite(.timeLimit(.minutes(5)))
struct MetadataTests {
    private static func json(_ text: String) throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }

    @Test func metadataNamesWhatIsServed() async throws {
        let listener = try await TestListener()
        let answer = try await listener.ask("GET", "/.well-known/oauth-authorization-server")
        #expect(answer.status == 200)
        let metadata = try Self.json(answer.body)
        #expect(metadata["issuer"]?.string == TestListener.issuer)
        #expect(metadata["token_endpoint"]?.string == "\(TestListener.issuer)/token")
        #expect(metadata["response_types_supported"]?.array == [])
        #expect(metadata["token_endpoint_auth_methods_supported"] == ["none"])
        for name in ["token", "device_authorization", "introspection", "revocation"] {
            let address = try #require(metadata["\(name)_endpoint"]?.string)
            let path = String(address.trimmingPrefix(TestListener.issuer))
            #expect(MobileEndpoint(rawValue: path)?.method == "POST")
        }
        await listener.stop()
    }

    @Test func keysAreNotSentAgainWhenTheyAreKnown() async throws {
        let listener = try await TestListener()
        let path = "/.well-known/jwks.json"
        let first = try await listener.ask("GET", path)
        #expect(first["cache-control"] == "public, max-age=300")
        #expect(try Self.json(first.body)["keys"]?.array?.first?["kid"] == "t1")
        let tag = try #require(first["etag"])
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let again = try await listener.ask("GET", path, ["If-None-Match: \(known)"])
            #expect(again.status == 304 && again.body.isEmpty)
            #expect(again["etag"] == tag)
        }
        #expect(try await listener.ask("GET", path, ["If-None-Match: \"other\""]).status == 200)
        await listener.stop()
    }

    @Test func whoeverOpensTheAddressOfTheDeviceGrantIsSentToTheWorkstation() async throws {
        let listener = try await TestListener()
        let page = try await listener.ask("GET", "/device")
        #expect(page.status == 200 && page["content-type"] == "text/plain; charset=utf-8")
        #expect(page.body.contains("cpsctl mobile approve CODE"))
        await listener.stop()
    }
}
