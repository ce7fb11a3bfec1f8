import Testing

/// Shapes in which a proxy and a server may see different requests (RFC 9112 §11.2).
@Suite(.timeLimit(.minutes(5)))
struct RequestShapeTests {
    private static let smuggled = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    private static let start = "POST /revoke HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"

    @Test(arguments: [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n\r\nabcde",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
        "Content-Length: 5, 5\r\n\r\nabcde",
        "Content-Length: +5\r\n\r\nabcde",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 0x5\r\n\r\nabcde",
        "Content-Length: 5 5\r\n\r\nabcde",
        "Content-Length: 99999999999999999999\r\n\r\n",
        "Content-Length : 0\r\n\r\n",
        "Transfer-Encoding: identity\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\u{0B}chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        "X-Folded: a\r\n\tContent-Length: 5\r\nContent-Length: 0\r\n\r\n",
        " Content-Length: 0\r\n\r\n",
        "Content-Length: 0\nX-Bare: 1\r\n\r\n",
        "Content-Length: 0\n\n",
        "Content-Length: 0\rX-Bare: 1\r\n\r\n",
        "X-Null: a\u{0}b\r\nContent-Length: 0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;\nabcde\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        "Host: other.example\r\nContent-Length: 0\r\n\r\n",
        "No colon\r\nContent-Length: 0\r\n\r\n",
        ": no name\r\nContent-Length: 0\r\n\r\n",
        "Bad Name: 1\r\nContent-Length: 0\r\n\r\n",
    ])
    func shapesThatHideARequestAreRefused(_ rest: String) async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect()
        connection.send(Self.start + rest + Self.smuggled)
        #expect(await connection.hears("HTTP/1.1 400 "))
        #expect(await connection.isCut())
        #expect(connection.text.hasPrefix("HTTP/1.1 400 "), "\(connection.text)")
        #expect(!connection.text.contains("t1"), "what was hidden was answered")
        #expect(listener.service.calls.isEmpty)
        await listener.stop()
    }

    @Test(arguments: [
        "GET /.well-known/jwks.json HTTP/1.1\r\n\r\n",
        "GET /.well-known/jwks.json HTTP/2.0\r\nHost: localhost\r\n\r\n",
        "GET /.well-known/jwks.json HTTP/0.9\r\nHost: localhost\r\n\r\n",
        "GET /.well-known/jwks.json\r\n\r\n",
        "GET /.well-known/jwks.json HTTP/1.1 \r\nHost: localhost\r\n\r\n",
        "GET /.well-known/jwks.json HTTP/1.1\nHost: localhost\n\n",
        "POST /revoke HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "get /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ])
    func requestsThatAreNotOfOurKindAreRefused(_ request: String) async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect()
        connection.send(request + Self.smuggled)
        #expect(await connection.hears("HTTP/1.1 400 "))
        #expect(await connection.isCut())
        #expect(connection.text.hasPrefix("HTTP/1.1 400 "), "\(connection.text)")
        #expect(!connection.text.contains("t1"))
        await listener.stop()
    }

    @Test(arguments: [
        "Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
    ])
    func plainRequestsAreServedOneAfterTheOther(_ rest: String) async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect()
        connection.send(Self.start + rest + Self.smuggled)
        #expect(await connection.hears("t1"))
        #expect(connection.text.hasPrefix("HTTP/1.1 401 "))
        await listener.stop()
    }

    @Test func olderProxiesAreServed() async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect()
        connection.send("GET /.well-known/jwks.json HTTP/1.0\r\n\r\n")
        #expect(await connection.hears("t1"))
        await listener.stop()
    }
}
