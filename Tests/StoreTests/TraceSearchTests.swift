import Audit
import Foundation
import GRDB
import Primitives
import Store
import Testing

struct TraceSearchTests {
    private let folder: Folder
    private let store: StateStore
    private let log: TraceLog

    init() throws {
        folder = try Folder()
        store = try openStore(folder)
        log = try openLog(store)
    }

    private static let start = Timestamp("2026-03-01T00:00:00.000Z") ?? Timestamp(milliseconds: 0)

    /// Twelve traces that differ in everything that can be looked for.
    private func fill() async throws {
        try await log.commit(
            (0..<12).map { number in
                var draft = TraceDraft(
                    [.loginStarted, .loginRefused, .tokenIssued][number % 3], number % 2 == 0 ? .granted : .refused,
                    at: Self.start.advanced(bySeconds: Int64(number)))
                draft.actor = ["national_id": .string("8\(number % 4)")]
                draft.session = number < 6 ? "first" : "second"
                draft.card = ["serial": .string("card \"\(number % 5)\"")]
                draft.patient = number == 7 ? "patient é" : nil
                // What others wrote must not be taken for a member of the trace.
                draft.detail = ["outcome": "failed", "patient": "nobody", "workstation": "elsewhere", "serial": "lost"]
                return draft
            })
    }

    private func query(_ set: (inout TraceQuery) -> Void) -> TraceQuery {
        var query = TraceQuery(limit: 100)
        set(&query)
        return query
    }

    private func found(_ query: TraceQuery) async throws -> [Int64] {
        try await log.search(query).leaves.map { try JSONDecoder().decode(JSON.self, from: Data($0))["seq"]?.int ?? -1 }
    }

    @Test func eachFilterFindsItsOwn() async throws {
        try await fill()
        #expect(try await found(query { _ in }) == Array(0..<12))
        #expect(try await found(query { $0.event = .one(.loginRefused) }) == [1, 4, 7, 10])
        #expect(try await found(query { $0.event = .family("login") }) == [0, 1, 3, 4, 6, 7, 9, 10])
        #expect(try await found(query { $0.outcome = .refused }) == [1, 3, 5, 7, 9, 11])
        #expect(try await found(query { $0.outcome = .failed }) == [])
        #expect(try await found(query { $0.person = "82" }) == [2, 6, 10])
        #expect(try await found(query { $0.card = "card \"4\"" }) == [4, 9])
        #expect(try await found(query { $0.card = "lost" }) == [])
        #expect(try await found(query { $0.session = "second" }) == Array(6..<12))
        #expect(try await found(query { $0.session = "second' OR 1=1 --" }) == [])
        #expect(try await found(query { $0.workstation = "ws" }) == Array(0..<12))
        #expect(try await found(query { $0.workstation = "elsewhere" }) == [])
        #expect(try await found(query { $0.patient = "patient é" }) == [7])
        #expect(try await found(query { $0.patient = "nobody" }) == [])
        #expect(try await found(query { $0.since = Self.start.advanced(bySeconds: 9) }) == [9, 10, 11])
        #expect(try await found(query { $0.until = Self.start.advanced(bySeconds: 2) }) == [0, 1])
    }

    @Test func filtersHaveToMatchTogether() async throws {
        try await fill()
        let wanted = query {
            $0.event = .one(.loginRefused)
            $0.session = "first"
            $0.person = "81"
            $0.outcome = .refused
            $0.since = Self.start
        }
        #expect(try await found(wanted) == [1])
        let family = query {
            $0.event = .family("token")
            $0.person = "81"
        }
        #expect(try await found(family) == [5])
    }

    @Test func newestFirstGoesDown() async throws {
        try await fill()
        #expect(try await found(query { $0.order = .newest }) == (0..<12).reversed())
        #expect(
            try await found(
                query {
                    $0.order = .newest
                    $0.from = 8
                    $0.outcome = .refused
                }) == [7, 5, 3, 1])
    }

    @Test(arguments: TraceQuery.Order.allCases)
    func pagesTogetherAreTheWhole(_ order: TraceQuery.Order) async throws {
        try await fill()
        var query = query {
            $0.order = order
            $0.outcome = .refused
            $0.limit = 2
        }
        var all: [Int64] = []
        var pages = 0
        while true {
            all += try await found(query)
            pages += 1
            guard let next = try await log.search(query).next, pages < 10 else { break }
            query.from = next
        }
        #expect(all == (order == .oldest ? [1, 3, 5, 7, 9, 11] : [11, 9, 7, 5, 3, 1]))
        #expect(pages <= 4)
    }

    /// 25 000 traces take three short reads; the one that is wanted is in the last.
    @Test func longSearchIsMadeOfShortReads() async throws {
        for part in 0..<25 {
            try await log.commit((0..<1000).map { draft("\(part * 1000 + $0)", session: part == 24 && $0 == 999 ? "wanted" : nil) })
        }
        var wanted = query { $0.workstation = "nowhere" }
        let none = try await log.search(wanted)
        #expect(none == TracePage(leaves: [], next: nil))
        wanted = query { $0.event = .family("login") }
        #expect(try await log.search(wanted).leaves.isEmpty)
        wanted = query {
            $0.since = StoppedClock().now()
            $0.session = "wanted"
        }
        #expect(try await found(wanted) == [24_999])
    }

    @Test func pageOfLongTracesIsFullBeforeItGrows() async throws {
        let long = String(repeating: "x", count: 60_000)
        for _ in 0..<10 { try await log.commit((0..<10).map { _ in draft(long) }) }
        let page = try await log.search(TraceQuery(limit: 1000))
        #expect((60...80).contains(page.leaves.count))
        #expect(page.next == UInt64(page.leaves.count))
    }

    @Test func nothingIsAskedForNothing() async throws {
        try await fill()
        #expect(try await log.search(TraceQuery(limit: 0)) == TracePage(leaves: [], next: nil))
        #expect(try await log.search(query { $0.from = 12 }) == TracePage(leaves: [], next: nil))
    }

    @Test(arguments: [("login.*", "login.*"), ("login.refused", "login.refused")])
    func eventsAreNamedAloneOrByFamily(_ text: String, _ read: String) {
        #expect(TraceQuery.Event(text)?.text == read)
    }

    @Test(arguments: ["", "*", ".*", "log.*", "login", "login.", "login.r*", "LOGIN.*", "login.*.*"])
    func eventThatThereIsNotIsNone(_ text: String) { #expect(TraceQuery.Event(text) == nil) }
}
