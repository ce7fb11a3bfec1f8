import ConfigurationFile
import Testing

struct MetricsSectionTests {
    private func read(_ listen: String) throws(ConfigurationError) -> MetricsSection {
        let text = """
            agent: {state_dir: /s, socket: /run/a.sock}
            trust: {anchors: /a}
            tokens: {issuer: "https://ws.example"}
            metrics: {\(listen)}

            """
        return try AgentConfiguration(bytes: Array(text.utf8), environment: [:], hostname: "ws").metrics
    }

    @Test func nothingListensUnlessAsked() throws { #expect(try read("").listen == nil) }

    @Test(arguments: ["127.0.0.1", "127.9.0.255"]) func aPortOfTheMachineItselfListens(_ host: String) throws {
        guard case .port(let endpoint) = try read("listen: \"\(host):9464\"").listen else {
            Issue.record("no port")
            return
        }
        #expect(endpoint.host == host && endpoint.port == 9464)
    }

    @Test func theOtherFamilyListensToo() throws {
        guard case .port(let endpoint) = try read("listen: \"[::1]:9464\"").listen else {
            Issue.record("no port")
            return
        }
        #expect(endpoint.host == "::1" && endpoint.port == 9464)
    }

    @Test func aSocketListens() throws {
        #expect(try read("listen: /run/cps-agent/metrics.sock").listen == .socket("/run/cps-agent/metrics.sock"))
    }

    @Test(arguments: [
        "0.0.0.0:9464", "192.0.2.7:9464", "[::]:9464", "[2001:db8::7]:9464", "localhost:9464", "127.0.0.1", "127.0.0.1:0", "127.1:9464",
        "127.0.0.256:9464", "127.0.0.1.example:9464", "metrics.sock", "/\(String(repeating: "x", count: 107))", "/run/../metrics.sock",
    ])
    func whatOthersCouldReachIsRefused(_ listen: String) {
        let refused = #expect(throws: ConfigurationError.self) { try read("listen: \"\(listen)\"") }
        #expect(refused?.problems.map(\.key) == ["metrics.listen"])
    }
}
