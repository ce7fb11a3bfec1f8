import MobileAPI
import NIOCore
import Primitives
import Testing

/// What the listener does with those who take its time or its places.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct PatienceTests {
    private static let get = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// A connection that has had its first answer, however busy the machine is.
    private func served(by listener: TestListener) async throws -> Connection {
        while true {
            let connection = try await listener.connect()
            connection.send(Self.get)
            if await connection.answer()?.status == 200 { return connection }
        }
    }

    @Test func aHandshakeThatDoesNotComeIsCut() async throws {
        let listener = try await TestListener { $0.request = .milliseconds(300) }
        let silent = try await Connection.open(listener.port, nil)
        // The first bytes of a ClientHello that promises more.
        let begun = try await Connection.open(listener.port, nil)
        begun.send("\u{16}\u{3}\u{1}\u{2}\u{0}")
        #expect(await silent.isCut())
        #expect(await begun.isCut())
        await listener.stop()
    }

    @Test(arguments: [
        "", "GET /.well-known/jw", "GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n",
        "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nclient",
        "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    ])
    func aRequestThatDoesNotComeWholeIsCut(_ beginning: String) async throws {
        let listener = try await TestListener { $0.request = .milliseconds(300) }
        let connection = try await listener.connect()
        connection.send(beginning)
        #expect(await connection.isCut())
        #expect(connection.text.isEmpty)
        await listener.stop()
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: localhost\r\nA: ", "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
    ])
    func bytesThatTrickleInBuyNoTime(_ beginning: String) async throws {
        let listener = try await TestListener { $0.request = .milliseconds(500) }
        let connection = try await listener.connect()
        connection.send(beginning)
        #expect(
            await comesTrue {
                connection.send("a")
                return connection.isClosed
            })
        await listener.stop()
    }

    @Test func aConnectionMayRestBetweenRequestsButNotForEver() async throws {
        let listener = try await TestListener {
            $0.request = .seconds(1)
            $0.idle = .seconds(3)
        }
        let connection = try await served(by: listener)
        let since = ContinuousClock.now
        #expect(await connection.isCut())
        #expect(ContinuousClock.now - since > .seconds(2))
        await listener.stop()
    }

    @Test func theNextRequestMustComeWholeTooOnceItHasBegun() async throws {
        let listener = try await TestListener {
            $0.request = .seconds(1)
            $0.idle = .seconds(100)
        }
        let connection = try await served(by: listener)
        connection.send("POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n")
        let since = ContinuousClock.now
        #expect(await connection.isCut())
        #expect(ContinuousClock.now - since < .seconds(90))
        await listener.stop()
    }

    @Test func answersThatNobodyReadsAreCut() async throws {
        let listener = try await TestListener {
            $0.answer = .milliseconds(300)
            $0.request = .seconds(100)
            $0.idle = .seconds(100)
        }
        listener.service.claim(["active": .bool(true), "filler": .string(String(repeating: "x", count: 60_000))])
        let connection = try await listener.connect(TLSFiles.client(showing: "records"))
        let form = "token=t"
        let request =
            "POST /introspect HTTP/1.1\r\nHost: localhost\r\n\(TestListener.formType)\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)"
        connection.send(request)
        #expect(await connection.hears("HTTP/1.1 200"))
        try await connection.channel.setOption(.autoRead, value: false).get()
        // The end shows without reading, which would let the listener go on: what is sent then is refused.
        let isCut = await comesTrue {
            connection.send(request)
            return connection.isClosed
        }
        #expect(isCut)
        await listener.stop()
    }

    @Test func anAddressWithTooManyConnectionsIsTurnedAwayAndComesBack() async throws {
        let listener = try await TestListener { $0.connectionsPerAddress = 3 }
        var open: [Connection] = []
        for _ in 0..<3 {
            let connection = try await listener.connect()
            connection.send(Self.get)
            #expect(await connection.answer()?.status == 200)
            open.append(connection)
        }
        let turnedAway = try await listener.connect()
        #expect(await turnedAway.isCut())
        await open.removeLast().close()
        let isServed = await comesTrue {
            guard let again = try? await listener.connect() else { return false }
            again.send(Self.get)
            let answer = await again.answer()
            await again.close()
            return answer?.status == 200
        }
        #expect(isServed)
        await listener.stop()
    }

    @Test func aThousandOpenConnectionsKeepNobodyOut() async throws {
        let listener = try await TestListener { $0.connectionsPerAddress = 1024 }
        var open: [Connection] = []
        for _ in 0..<1000 { open.append(try await Connection.open(listener.port, nil)) }
        let connection = try await listener.connect()
        connection.send(Self.get)
        #expect(await connection.answer()?.status == 200)
        #expect(open.allSatisfy { !$0.isClosed })
        for connection in open { connection.channel.close(promise: nil) }
        await listener.stop()
    }

    @Test func placesHaveAnEnd() async throws {
        let listener = try await TestListener {
            $0.connectionsPerAddress = 100
            $0.connections = 5
        }
        var open: [Connection] = []
        for _ in 0..<5 {
            let connection = try await listener.connect()
            connection.send(Self.get)
            #expect(await connection.answer()?.status == 200)
            open.append(connection)
        }
        #expect(try await listener.connect().isCut())
        for connection in open { connection.channel.close(promise: nil) }
        await listener.stop()
    }

    @Test(arguments: ["one long field", "many fields", "many short fields", "a long proof"])
    func headersHaveAnEnd(_ kind: String) async throws {
        let fields =
            switch kind {
            case "one long field": "A: " + String(repeating: "a", count: 20_000)
            case "many fields": (0..<300).map { "A\($0): \(String(repeating: "a", count: 100))" }.joined(separator: "\r\n")
            case "many short fields": (0..<100).map { "A\($0): a" }.joined(separator: "\r\n")
            default: "DPoP: " + String(repeating: "a", count: 17_000)
            }
        let listener = try await TestListener()
        let connection = try await listener.connect()
        connection.send("GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n")
        #expect(await connection.hears("HTTP/1.1 400 "))
        #expect(await connection.isCut())
        await listener.stop()
    }

    @Test func addressesHaveAnEnd() async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect()
        connection.send("GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(await connection.hears("HTTP/1.1 400 "))
        await listener.stop()
    }

    @Test(arguments: [true, false])
    func bodiesHaveAnEnd(isChunked: Bool) async throws {
        let listener = try await TestListener()
        let connection = try await listener.connect()
        let body = String(repeating: "a", count: 66_000)
        let start = "POST /token HTTP/1.1\r\nHost: localhost\r\n\(TestListener.formType)\r\n"
        if isChunked {
            connection.send("\(start)Transfer-Encoding: chunked\r\n\r\n\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n")
        } else {
            connection.send("\(start)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
        #expect(await connection.answer()?.status == 413)
        await listener.stop()
    }
}
