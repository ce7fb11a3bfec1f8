import LocalAPI
import Primitives
import Sessions
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(3)))
struct EventLoadTests {
    private static let listeners = 50
    private static let events = 1000
    private static let batch = 100

    @Test func oneThatDoesNotReadDelaysNobodyAndThenHearsWhatIsTrue() async throws {
        // However slow the machine is, nobody is cut here.
        var limits = SocketLimits()
        limits.answer = .seconds(600)
        limits.request = .seconds(600)
        let server = try await TestServer(limits: limits)
        let slow = try server.connect()
        slow.get("events")
        try #require(await slow.hears("event: state"))
        let quick = try (0..<Self.listeners).map { _ in try server.connect() }
        for each in quick {
            each.get("events")
            try #require(await each.hears("event: state"))
        }
        let filler = JSON.string(String(repeating: "x", count: 1000))
        var heard = [Int](repeating: 0, count: quick.count)
        for number in 0..<Self.events {
            server.agent.hub.publish(Event(.monitoring, ["n": .int(Int64(number)), "state": filler]))
            guard (number + 1).isMultiple(of: Self.batch) else { continue }
            for (index, each) in quick.enumerated() {
                try #require(await each.hears("\"n\":\(number),"))
                heard[index] += each.count("event: monitoring")
                #expect(each.count("event: gap") == 0)
                each.forget()
            }
        }
        #expect(heard.allSatisfy { $0 == Self.events })
        // It reads again: the gap, the state, then what happens from there on.
        let isCurrent = await comesTrue {
            slow.read()
            return slow.count("event: gap") == 1 && slow.count("event: state") == 2
        }
        #expect(isCurrent)
        server.agent.hub.publish(Event(.monitoring, ["n": "last"]))
        #expect(await slow.hears("\"n\":\"last\""))
        let gap = try #require(slow.text.firstRange(of: "event: gap"))
        let after = slow.text[gap.upperBound...]
        let state = try #require(after.firstRange(of: "event: state"))
        #expect(!after[..<state.lowerBound].contains("event: monitoring"))
        #expect(slow.count("event: monitoring") < Self.events)
        #expect(Self.ids(slow.text) == Self.ids(slow.text).sorted())
        await server.stop()
    }

    @Test func whatIsBufferedIsToldAgain() async throws {
        let server = try await TestServer()
        for number in 1...3 { server.agent.hub.publish(Event(.monitoring, ["n": .int(Int64(number))])) }
        let first = try server.connect()
        first.get("events")
        try #require(await first.hears("event: state"))
        let newest = try #require(Self.ids(first.text).last)
        let again = try server.connect()
        again.get("events", "Last-Event-ID: \(newest - 2)\r\n")
        #expect(await again.hears("\"n\":3"))
        #expect(again.text.contains("\"n\":2") && !again.text.contains("\"n\":1"))
        #expect(again.count("event: gap") == 0 && again.count("event: state") == 0)
        await server.stop()
    }

    @Test(arguments: [
        ("0", true), ("1", true), ("18446744073709551615", true), ("-1", false), ("abc", false), ("18446744073709551616", false),
    ])
    func whatIsNoLongerOrNeverWasBufferedIsAGap(_ id: String, _ isGap: Bool) async throws {
        let server = try await TestServer()
        for number in 0..<600 { server.agent.hub.publish(Event(.monitoring, ["n": .int(Int64(number))])) }
        let listener = try server.connect()
        listener.get("events", "Last-Event-ID: \(id)\r\n")
        #expect(await listener.hears("event: state"))
        #expect((listener.count("event: gap") == 1) == isGap)
        #expect(listener.count("event: monitoring") == 0)
        server.agent.hub.publish(Event(.monitoring, ["n": "next"]))
        #expect(await listener.hears("next"))
        await server.stop()
    }

    private static func ids(_ text: String) -> [UInt64] {
        text.split(whereSeparator: \.isNewline).compactMap { $0.hasPrefix("id: ") ? UInt64($0.dropFirst(4)) : nil }
    }
}
