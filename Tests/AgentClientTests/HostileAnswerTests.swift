import APIContract
import AgentClient
import Primitives
import ScriptedAgent
import Testing

/// Answers that are not what HTTP/1.1 (RFC 9112) or this API allows: each a clear error, none a hang.
@Suite(.timeLimit(.minutes(5)))
struct HostileAnswerTests {
    private func outcome(_ step: ScriptedAgent.Step) throws -> String? {
        let agent = try ScriptedAgent { _ in step }
        let found = problem { () throws(Problem) in _ = try AgentClient(agent).send(AgentRequest(.get, ["status"])).json() }
        return found?.json["detail"]?.string
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
    ])
    func answerThatEndsTooEarlyIsNotTaken(_ text: String) throws {
        #expect(try outcome(.text(text)) == "the connection was closed before the answer was complete")
    }

    @Test(arguments: [
        ("SMTP ready\r\n\r\n", "status line"), ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", "status line"),
        ("HTTP/1.1 100 Continue\r\n\r\n", "status line"), ("HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", "status line"),
        ("HTTP/1.1 +20 X\r\nContent-Length: 0\r\n\r\n", "status line"),
        ("HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}", "header field"), ("HTTP/1.1 200 OK\r\n folded\r\n\r\n{}", "header field"),
        ("HTTP/1.1 200 OK\r\nnothing\r\n\r\n", "header field"), ("HTTP/1.1 200 OK\r\n\r\n{}", "the body has no length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", "the body has two lengths"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "content-length is there twice"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", "Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}", "Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n{}", "Content-Length"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "size of a chunk"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "size of a chunk"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "size of a chunk"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n", "size of a chunk"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n", "end of a chunk"),
        ("HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "end of a line"), ("\u{FF}\r\n\r\n", "status line"),
    ])
    func answerThatIsNotStrictHTTPIsRefused(_ text: String, _ reason: String) throws {
        #expect(try outcome(.text(text)) == "the answer cannot be read: \(reason)")
    }

    @Test func headThatIsNotUTF8IsRefused() throws {
        #expect(try outcome(.answer(Array("HTTP/1.1 200 ".utf8) + [0xFF, 13, 10, 13, 10])) == "the answer cannot be read: head")
    }

    @Test func announcedSizeBeyondTheLimitIsNotEvenRead() throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16777217\r\n\r\n"
        #expect(try outcome(.text(text)) == "the answer has more than 16777216 bytes")
    }

    @Test func chunksBeyondTheLimitAreNotKept() throws {
        let chunk = "100000\r\n" + String(repeating: " ", count: 1 << 20) + "\r\n"
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 17)
        #expect(try outcome(.text(text)) == "the answer has more than 16777216 bytes")
    }

    @Test func endlessHeadIsRefused() throws {
        #expect(try outcome(.text("HTTP/1.1 200 " + String(repeating: "x", count: 100_000))) == "the answer has more than 32768 bytes")
        let fields = String(repeating: "a: b\r\n", count: 20_000)
        #expect(try outcome(.text("HTTP/1.1 200 OK\r\n\(fields)")) == "the answer has more than 32768 bytes")
    }

    @Test(arguments: ["{", "[1.5]", "", "{}{}", "\u{0}"])
    func bodyThatIsNotJSONWithWholeNumbersIsRefused(_ body: String) throws {
        #expect(try outcome(.body(Array(body.utf8), type: "application/json")) == "the answer cannot be read: JSON is due")
    }

    @Test func anotherContentTypeIsRefused() throws {
        #expect(try outcome(.body(Array("{}".utf8), type: "text/html")) == "the answer cannot be read: JSON is due")
    }

    @Test func deeplyNestedJSONIsRefused() throws {
        let body = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(try outcome(.body(Array(body.utf8), type: "application/json")) == "the answer cannot be read: JSON is due")
    }

    @Test(arguments: [
        ("text/html", "<p>no</p>"), ("application/problem+json", "{}"), ("application/problem+json", "no"),
        ("application/problem+json", #"{"code":3}"#), ("application/json", #"{"code":"forbidden"}"#),
    ])
    func errorStatusWithoutAProblemDocumentIsAnInternalError(_ type: String, _ body: String) throws {
        let text = "the answer cannot be read: status 500 without a problem document"
        #expect(try outcome(.body(Array(body.utf8), type: type, status: 500)) == text)
    }

    @Test func redirectionIsNotFollowed() throws {
        let text = "HTTP/1.1 302 Found\r\nLocation: http://localhost/v1/other\r\nContent-Length: 0\r\n\r\n"
        #expect(try outcome(.text(text)) == "the answer cannot be read: status 302 without a problem document")
    }
}
