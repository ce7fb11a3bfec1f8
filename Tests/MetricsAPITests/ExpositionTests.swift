import Audit
import Foundation
import MetricsAPI
import Primitives
import Testing

struct ExpositionTests {
    private static let now = Timestamp(seconds: 1_780_315_200)

    private func samples(_ exposition: Exposition) -> [String] {
        exposition.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    }

    @Test func everyFigureIsDescribedBeforeItsSamples() throws {
        var exposition = Exposition()
        exposition.add(.sessions, ["card", "active"], count: 2)
        exposition.add(.checkpointAge, value: 12.5)
        let lines = exposition.text.split(separator: "\n").map(String.init)
        #expect(lines.count == Metric.allCases.count * 2 + 2)
        #expect(lines.contains("# TYPE cps_agent_sessions gauge") && lines.contains("# TYPE cps_agent_logins_total counter"))
        let head = try #require(lines.firstIndex(of: "# TYPE cps_agent_sessions gauge"))
        #expect(lines[head + 1] == #"cps_agent_sessions{mode="card",state="active"} 2"#)
        #expect(samples(exposition).contains("cps_agent_log_checkpoint_age_seconds 12.5"))
        #expect(exposition.text.hasSuffix("\n"))
    }

    @Test func valuesOfLabelsAreEscaped() {
        var exposition = Exposition()
        exposition.add(.anchorAge, ["a\"b\\c\nd"], value: 1)
        #expect(samples(exposition) == [#"cps_agent_anchor_age_seconds{anchor="a\"b\\c\nd"} 1"#])
    }

    @Test func oneStateOfSeveralIsTrue() {
        var exposition = Exposition()
        exposition.add(.reserveState, each: ["ready", "in_use"]) { $0 == "in_use" }
        #expect(samples(exposition) == [#"cps_agent_reserve_state{state="ready"} 0"#, #"cps_agent_reserve_state{state="in_use"} 1"#])
    }

    @Test func whatWasDecidedIsCountedByWhatItMeans() {
        func trace(_ event: TraceEvent, _ outcome: TraceOutcome, mode: String? = nil, code: String? = nil, count: Int? = nil) -> TraceDraft
        {
            var draft = TraceDraft(event, outcome, at: Self.now)
            (draft.mode, draft.code, draft.count) = (mode, code, count)
            return draft
        }
        let counts = TraceCounts()
        counts.count([
            trace(.sessionOpened, .granted, mode: "card"), trace(.tokenIssued, .granted, mode: "card"),
            trace(.tokenIssued, .granted, mode: "mobile"),
        ])
        counts.count([
            trace(.loginRefused, .refused, mode: "card", code: "card_revoked"),
            trace(.loginRefused, .refused, mode: "card", code: "card_revoked", count: 3), trace(.loginExpired, .info),
            trace(.pinRefused, .refused, code: "pin_wrong"), trace(.pinBlocked, .refused, code: "pin_blocked"),
        ])
        var exposition = Exposition()
        counts.add(to: &exposition)
        #expect(
            samples(exposition) == [
                #"cps_agent_logins_total{mode="",outcome="expired",code=""} 1"#,
                #"cps_agent_logins_total{mode="card",outcome="granted",code=""} 1"#,
                #"cps_agent_logins_total{mode="card",outcome="refused",code="card_revoked"} 4"#,
                #"cps_agent_pin_refusals_total{code="pin_blocked"} 1"#, #"cps_agent_pin_refusals_total{code="pin_wrong"} 1"#,
                #"cps_agent_tokens_issued_total{mode="card"} 1"#, #"cps_agent_tokens_issued_total{mode="mobile"} 1"#,
                #"cps_agent_traces_total{event="login.expired",outcome="info"} 1"#,
                #"cps_agent_traces_total{event="login.refused",outcome="refused"} 2"#,
                #"cps_agent_traces_total{event="pin.blocked",outcome="refused"} 1"#,
                #"cps_agent_traces_total{event="pin.refused",outcome="refused"} 1"#,
                #"cps_agent_traces_total{event="session.opened",outcome="granted"} 1"#,
                #"cps_agent_traces_total{event="token.issued",outcome="granted"} 2"#,
            ])
    }

    @Test func theProcessIsMeasured() throws {
        var exposition = Exposition()
        ProcessFigures.add(to: &exposition)
        let values = samples(exposition).map { $0.split(separator: " ") }
        #expect(values.map { "\($0[0])" } == ["process_resident_memory_bytes", "process_open_fds"])
        #expect(try #require(Int(values[0][1])) > 1_000_000)
        #expect(try #require(Int(values[1][1])) >= 3)
    }

    /// `Docs/Metrics.md` has a row for each figure, and for nothing else.
    @Test func everyFigureIsDocumented() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Docs/Metrics.md")
        let section = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n## ").first { $0.hasPrefix("Figures\n") }
        let rows = try #require(section).split(separator: "\n").filter { $0.hasPrefix("| `") }
        let told = rows.map { row in row.split(separator: "|").prefix(3).map { cell in "\(cell)".trimmingCharacters(in: .whitespaces) } }
        let known = Metric.allCases.map { metric in
            ["`\(metric.rawValue)`", metric.isCounter ? "counter" : "gauge", metric.labels.map { "`\($0)`" }.joined(separator: ", ")]
        }
        #expect(told == known)
    }
}
