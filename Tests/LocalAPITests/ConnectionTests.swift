import LocalAPI
import Primitives
import Sessions
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct ConnectionTests {
    private static func limits(_ change: (inout SocketLimits) -> Void) -> SocketLimits {
        var limits = SocketLimits()
        change(&limits)
        return limits
    }

    @Test(arguments: [
        "", "GET /v1/sta", "GET /v1/status HTTP/1.1\r\nHost: x\r\n",
        "PUT /v1/logins/x/pin HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n12",
        "PUT /v1/logins/x/pin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n12\r\n",
    ])
    func requestThatDoesNotComeWholeIsCut(_ beginning: String) async throws {
        let server = try await TestServer(limits: Self.limits { $0.request = .milliseconds(200) })
        let connection = try server.connect()
        connection.send(beginning)
        #expect(await connection.isCut())
        await server.stop()
    }

    @Test func bytesThatTrickleInBuyNoTime() async throws {
        let server = try await TestServer(limits: Self.limits { $0.request = .milliseconds(200) })
        let connection = try server.connect()
        connection.send("GET /v1/readers HTTP/1.1\r\nHost: x\r\nA: ")
        let isCut = await comesTrue {
            connection.send("a")
            connection.read()
            return connection.isClosed
        }
        #expect(isCut && connection.text.isEmpty)
        await server.stop()
    }

    @Test func listenerIsNotCutForSayingNothing() async throws {
        let server = try await TestServer(limits: Self.limits { $0.request = .seconds(3) })
        let listener = try server.connect()
        listener.get("events")
        #expect(await listener.hears("event: state"))
        let other = try server.connect()
        #expect(await other.isCut())
        server.agent.hub.publish(Event(.monitoring, ["state": "still here"]))
        #expect(await listener.hears("still here"))
        await server.stop()
    }

    @Test func answerThatNobodyReadsIsCut() async throws {
        let server = try await TestServer(limits: Self.limits { $0.answer = .milliseconds(200) })
        let listener = try server.connect()
        listener.get("events")
        #expect(await listener.hears("event: state"))
        let filler = JSON.string(String(repeating: "x", count: 10_000))
        for _ in 0..<200 { server.agent.hub.publish(Event(.monitoring, ["state": filler])) }
        // Seen without reading, which would let the server go on.
        #expect(await comesTrue { listener.isHungUp })
        #expect(await listener.isCut())
        await server.stop()
    }

    @Test func userWithTooManyConnectionsIsTurnedAwayAndComesBack() async throws {
        let server = try await TestServer(limits: Self.limits { $0.connectionsPerUser = 3 })
        var open = try (0..<3).map { _ in try server.connect() }
        for connection in open {
            connection.get("readers")
            #expect(await connection.hears("200 OK"))
        }
        let turnedAway = try server.connect()
        #expect(await turnedAway.isCut())
        #expect(turnedAway.text.hasPrefix("HTTP/1.1 429 "))
        #expect(turnedAway.text.contains("rate_limited") && turnedAway.text.contains("too many connections"))
        open.removeLast()
        let isServed = await comesTrue {
            guard let again = try? server.connect() else { return false }
            again.get("readers")
            _ = await comesTrue {
                again.read()
                return again.isClosed || again.text.contains("\r\n\r\n")
            }
            return again.text.contains("200 OK")
        }
        #expect(isServed)
        await server.stop()
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let server = try await TestServer()
        let connection = try server.connect()
        let bad = "PUT /v1/logins/x/pin HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n1234"
        for _ in 0..<50 { connection.send("GET /v1/readers HTTP/1.1\r\nHost: x\r\n\r\n" + bad) }
        connection.get("readers", "Connection: close\r\n")
        #expect(await connection.isCut())
        #expect(connection.count("HTTP/1.1 200 OK") == 51 && connection.count("HTTP/1.1 415 ") == 50)
        await server.stop()
    }
}
