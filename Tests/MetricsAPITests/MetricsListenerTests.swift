import Foundation
import HTTPServing
import Logging
import MetricsAPI
import Primitives
import Synchronization
import TestSupport
import Testing
import Vitals

struct MetricsListenerTests {
    @Test func figuresAreShown() async throws {
        let site = try Site()
        let answer = try await site.ask("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:\(site.port)\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("text/plain; version=0.0.4"))
        #expect(answer.contains("cps_agent_log_traces 7\n"))
        #expect(answer.contains("cps_agent_trouble{trouble=\"log_stalled\"} 0\n"))
        #expect(answer.contains("process_open_fds "))
        await site.stop()
    }

    @Test func figuresAreGatheredOnceASecond() async throws {
        let site = try Site()
        for _ in 0..<3 { _ = try await site.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") }
        #expect(site.gathered == 1)
        site.clock.advance(seconds: 1)
        _ = try await site.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(site.gathered == 2)
        await site.stop()
    }

    @Test func healthIsToldWithWhatIsWrong() async throws {
        let site = try Site()
        let well = try await site.ask("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(well.hasPrefix("HTTP/1.1 200 ") && well.hasSuffix(#"{"health":"ok","troubles":[]}"#))
        site.clock.advance(seconds: 3600)
        let unwell = try await site.ask("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(unwell.hasPrefix("HTTP/1.1 503 ") && unwell.hasSuffix(#"{"health":"degraded","troubles":["upkeep_stalled"]}"#))
        await site.stop()
    }

    @Test(arguments: [
        ("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n", 421), ("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n", 421),
        ("GET /metrics HTTP/1.1\r\nHost: localhost:9464\r\n", 200), ("GET /metrics HTTP/1.1\r\nHost: [::1]:9464\r\n", 200),
        ("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n", 200), ("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n", 405),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n", 404), ("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n", 404),
        ("GET /metrics?x HTTP/1.1\r\nHost: localhost\r\n", 404),
        ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 10_000))\r\n", 400),
    ])
    func onlyWhatIsShownIsAnswered(_ request: String, _ status: Int) async throws {
        let site = try Site()
        let answer = try await site.ask("\(request)Connection: close\r\n\r\n")
        #expect(answer.split(separator: " ").dropFirst().first == "\(status)")
        if request.hasPrefix("HEAD") { #expect(answer.hasSuffix("\r\n\r\n")) }
        await site.stop()
    }

    @Test func whoeverOpensTooManyIsTurnedAway() async throws {
        let site = try Site()
        let open = try (0..<MetricsListener.connections).map { _ in try TCPText(port: site.port) }
        #expect(await eventually { site.tally.open == MetricsListener.connections })
        #expect(try await site.ask("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").isEmpty)
        #expect(site.tally.refused == 1)
        for each in open { each.close() }
        #expect(await eventually { site.tally.open == 0 })
        #expect(try await site.ask("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
        await site.stop()
    }
}

/// A listener of a test's own.
private final class Site: Sendable {
    let clock = ManualClock()
    let tally = ConnectionTally()
    let port: Int
    private let count = Counter()
    private let serving: Task<Void, any Error>

    var gathered: Int { count.value }

    init() throws {
        let count = count
        let listening = try ListeningPort.bound(host: "127.0.0.1", port: 0)
        port = listening.port
        let health = Health(Pulse(clock), takeTurn: {}, state: { [] })
        let api = MetricsAPI(health: health, time: clock) {
            count.add()
            var exposition = Exposition()
            exposition.add(.logTraces, count: 7)
            return exposition
        }
        let listener = MetricsListener(api, on: listening, tally: tally, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        serving = Task { try await listener.run() }
    }

    func ask(_ request: String) async throws -> String {
        let connection = try TCPText(port: port)
        // On a thread of its own: it blocks, and the listener needs those that tasks share.
        return await withCheckedContinuation { answer in
            Thread { answer.resume(returning: connection.exchange(request)) }.start()
        }
    }

    func stop() async {
        serving.cancel()
        _ = await serving.result
    }
}

private final class Counter: Sendable {
    private let counted = Mutex(0)
    var value: Int { counted.withLock { $0 } }
    func add() { counted.withLock { $0 += 1 } }
}
