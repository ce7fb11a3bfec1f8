import ConfigurationFile
import Primitives
import Testing

struct ConfigurationTests {
    static let smallest = """
        agent:
          state_dir: /var/lib/cps-agent
          socket: /run/cps-agent/agent.sock
        trust:
          anchors: /etc/cps-agent/trust
        tokens:
          issuer: https://ws-042.example
        """

    private func load(_ text: String, _ environment: [String: String] = [:]) throws(ConfigurationError) -> AgentConfiguration {
        try AgentConfiguration(bytes: Array(text.utf8), environment: environment, hostname: "host")
    }

    private func problems(_ text: String, _ environment: [String: String] = [:]) -> [String] {
        do throws(ConfigurationError) {
            _ = try load(text, environment)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func requiredKeysAloneGiveSafeDefaults() throws {
        let configuration = try load(Self.smallest)
        #expect(configuration.agent.stateDirectory == "/var/lib/cps-agent")
        #expect(configuration.agent.socket == "/run/cps-agent/agent.sock")
        #expect(configuration.agent.socketMode == 0o666)
        #expect(configuration.agent.workstation == "host")
        #expect(configuration.readers.allow == [])
        #expect(configuration.cards.afterUse == .reset)
        #expect(configuration.cards.protectedObjects == .skip)
        #expect(configuration.cards.commandTimeout == nil)
        #expect(configuration.trust.anchors == "/etc/cps-agent/trust")
        #expect(configuration.trust.crls == nil)
        #expect(configuration.habilitations.file == nil)
        #expect(!configuration.trust.requireEKU)
        #expect(configuration.trust.revocation.whenStale == .flag)
        #expect(configuration.tokens.issuer == "https://ws-042.example")
        #expect(configuration.tokens.ttl == 120)
        #expect(configuration.tokens.ttlBound == 300)
        #expect(configuration.tokens.algorithm == .es256)
        #expect(configuration.audit.origin == "ws-042.example")
        #expect(configuration.audit.reserve == "/var/lib/cps-agent/audit.reserve")
        #expect(configuration.audit.reserveSize == 4_194_304)
        #expect(configuration.audit.checkpointTraces == 10_000)
        #expect(configuration.audit.timestamp == nil)
        #expect(configuration.audit.anchors.isEmpty)
        #expect(configuration.log.level == .info)
        #expect(configuration.overrides == [])
        #expect(configuration.sha256 == "b559143f8367b32091bd144db0a6832d4e0f1bd9b62daac17c4a88243383c177")
    }

    @Test func signaturesAreStampedOnlyWhereAnAuthorityIsNamed() throws {
        #expect(try load(Self.smallest).signatures.timestamp == nil)
        let full = try load(
            Self.smallest + "\nsignatures: {timestamp: {url: \"http://tsa.example/\", anchors: /etc/tsa.pem, timeout: 3s}}")
        let timestamp = try #require(full.signatures.timestamp)
        #expect(timestamp.url.text == "http://tsa.example/" && timestamp.anchors == "/etc/tsa.pem" && timestamp.timeout == 3)
        let short = try load(Self.smallest + "\nsignatures: {timestamp: {url: \"https://tsa.example\"}}").signatures.timestamp
        #expect(short?.anchors == nil && short?.timeout == 5)
        for wrong in ["url: ftp://x", "anchors: /etc/tsa.pem", "url: \"http://x\", timeout: 31s", "url: \"http://x\", anchors: tsa.pem"] {
            #expect(problems(Self.smallest + "\nsignatures: {timestamp: {\(wrong)}}").count == 1, "\(wrong)")
        }
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try load(
            """
            agent: {state_dir: /s/, socket: /s/a.sock, socket_mode: 0660, socket_group: cps, workstation: ws-042}
            readers:
              allow: [Virtual PCD 00 00, "Other"]
              seat: active
              seat_name: seat1
            cards: {after_use: leave, command_timeout: 3s, protected_objects: read}
            trust:
              anchors: /a
              crls: /c
              require_eku: true
              revocation: {max_age: 2d, when_stale: refuse}
            sessions: {inactivity: 5m, max: 4h}
            tokens: {issuer: "https://ws.example:8443", ttl: 30s, ttl_bound: 60, algorithm: Ed25519}
            audit:
              origin: log.example/ws
              reserve: /r/file
              reserve_size: 1048576
              checkpoint: 10s
              checkpoint_traces: 500
              timestamp: {url: "http://tsa.example/", anchors: /t, timeout: 7, every: 1m}
              anchors:
                vault: {file: /m/kept}
                site: {url: "https://log.example/c", timeout: 3s}
                syslog: {syslog: "log.example:6514", authorities: /a, certificate: /c, key: /k}
            log: {level: debug}
            mobile: {enabled: false}
            degraded:
            clients:
            """)
        #expect(configuration.agent.stateDirectory == "/s")
        #expect(configuration.agent.socketMode == 0o660)
        #expect(configuration.agent.socketGroup == "cps")
        #expect(configuration.agent.workstation == "ws-042")
        #expect(configuration.readers.allow == ["Virtual PCD 00 00", "Other"])
        #expect(configuration.readers.seat == .active)
        #expect(configuration.readers.seatName == "seat1")
        #expect(configuration.cards.afterUse == .leave)
        #expect(configuration.cards.commandTimeout == 3)
        #expect(configuration.cards.protectedObjects == .read)
        #expect(configuration.trust.crls == "/c")
        #expect(configuration.trust.requireEKU)
        #expect(configuration.trust.revocation.maxAge == 172_800)
        #expect(configuration.trust.revocation.whenStale == .refuse)
        #expect(configuration.sessions.inactivity == 300)
        #expect(configuration.sessions.max == 14_400)
        #expect(configuration.tokens.issuer == "https://ws.example:8443")
        #expect(configuration.tokens.ttl == 30)
        #expect(configuration.tokens.ttlBound == 60)
        #expect(configuration.tokens.algorithm == .ed25519)
        #expect(configuration.audit.origin == "log.example/ws")
        #expect(configuration.audit.reserve == "/r/file")
        #expect(configuration.audit.reserveSize == 1_048_576)
        #expect(configuration.audit.checkpoint == 10)
        #expect(configuration.audit.checkpointTraces == 500)
        #expect(configuration.audit.timestamp?.url == WebAddress("http://tsa.example/"))
        #expect(configuration.audit.timestamp?.anchors == "/t")
        #expect(configuration.audit.timestamp?.timeout == 7)
        #expect(configuration.audit.timestampEvery == 60)
        #expect(configuration.audit.anchors.map(\.name) == ["vault", "site", "syslog"])
        #expect(configuration.audit.anchors.map(\.timeout) == [10, 3, 10])
        let site = try #require(WebAddress("https://log.example/c"))
        #expect(
            configuration.audit.anchors.map(\.target) == [
                .file("/m/kept"), .http(site),
                .syslog(SyslogServer("log.example:6514", authorities: "/a", certificate: "/c", key: "/k")),
            ])
        #expect(configuration.log.level == .debug)
    }

    @Test(arguments: [
        ("{}", FetchedLists.off), ("{fetch: false}", .off), ("{fetch: true}", .named),
        ("{fetch: http://a.example/x.crl}", .addresses(["http://a.example/x.crl"])),
        (
            "{fetch: [http://a.example/x.crl, 'https://b.example:8443/y.crl']}",
            .addresses(["http://a.example/x.crl", "https://b.example:8443/y.crl"])
        ),
    ])
    func listsAreFetchedOnlyWhereThatIsSaid(text: String, expected: FetchedLists) throws {
        let text = Self.smallest.replacing("trust:\n", with: "trust:\n  revocation: \(text)\n", maxReplacements: 1)
        let configuration = try AgentConfiguration(bytes: Array(text.utf8), environment: [:], hostname: "ws")
        #expect(FetchedLists(configuration.trust.revocation.fetch) == expected)
        #expect(configuration.trust.ocsp == nil)
    }

    @Test func responderIsAskedOnlyWhereThatIsSaid() throws {
        let section = "trust:\n  ocsp: {enabled: true, responder: http://ocsp.example, nonce: false}\n"
        let text = Self.smallest.replacing("trust:\n", with: section, maxReplacements: 1)
        let ocsp = try AgentConfiguration(bytes: Array(text.utf8), environment: [:], hostname: "ws").trust.ocsp
        #expect(ocsp?.responder?.text == "http://ocsp.example")
        #expect(ocsp?.nonce == false)
    }

    @Test(arguments: ["0", "9s", "1m", "soon", "-1", "1500ms"])
    func aTimeForACommandOutsideItsBoundsIsRefused(text: String) {
        let found = problems(Self.smallest + "\ncards: {command_timeout: \(text)}\n")
        #expect(
            found.count == 1 && found.allSatisfy { $0.contains("cards.command_timeout: must be a duration from 1 to 8 seconds") },
            "\(found)")
    }

    @Test(arguments: ["", "# nothing\n", "~"])
    func missingRequiredKeysAreAllNamed(text: String) {
        let found = problems(text)
        #expect(found.count == 4)
        for key in ["agent.state_dir", "agent.socket", "trust.anchors", "tokens.issuer"] {
            #expect(found.contains { $0.hasPrefix("file: \(key): is required") })
        }
    }

    @Test func allProblemsAreReportedAtOnceWithTheirLines() {
        let text =
            Self.smallest + """

                  ttl: 20m
                  colour: red
                log:
                  level: loud
                weather:
                  sun: yes
                  rain: no
                cards: 3
                """
        #expect(
            problems(text) == [
                "line 8: tokens.ttl: must be a duration from 1 to 900 seconds, such as 30s, 15m, 4h, 7d",
                "line 9: tokens.colour: there is no such key",
                "line 11: log.level: must be one of trace, debug, info, notice, warning, error, critical",
                "line 12: weather: there is no such key",
                "line 15: cards: must be a section with keys of its own",
            ])
    }

    @Test(arguments: [
        ("agent", "socket_mode: 9999", "three or four octal digits"), ("agent", "socket_mode: 01777", "three or four octal digits"),
        ("agent", "socket_group: 'a b'", "the name or number of a group"),
        ("agent", "budgets: {pins: 0}", "a whole number from 1 to 10000"),
        ("agent", "workstation: 'a b'", "a name of 1 to 64"), ("agent", "workstation: [a]", "a name of 1 to 64"),
        ("agent", "workstation:", "has no value"), ("trust", "crls: relative/path", "an absolute path"),
        ("trust", "crls: /a/../b", "an absolute path"), ("trust", "require_eku: yes", "true or false"),
        ("trust", "revocation: {max_age: soon}", "a duration"), ("trust", "revocation: {when_stale: maybe}", "one of flag, refuse"),
        ("trust", "revocation: {fetch: maybe}", "http addresses"),
        ("trust", "revocation: {fetch: [true, 'http://a.example']}", "http addresses"),
        ("trust", "revocation: {fetch: ['ldap://a.example/x']}", "http addresses"),
        ("trust", "revocation: {fetch_every: 1s}", "a duration"), ("trust", "ocsp: {responder: here}", "an http address"),
        ("tokens", "ttl: {a: 1}", "a duration"), ("tokens", "ttl: -1", "a duration"),
        ("tokens", "algorithm: none", "one of ES256, Ed25519"),
    ])
    func badValueIsNamed(section: String, line: String, expected: String) {
        let text = Self.smallest.replacing("\(section):\n", with: "\(section):\n  \(line)\n", maxReplacements: 1)
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.contains("line ") == true)
        #expect(found.first?.contains(expected) == true)
    }

    @Test(arguments: [
        "http://ws.example", "https://", "https://ws.example/", "https://ws.example/path", "https://WS.example", "https://ws.example:0",
        "https://ws.example:080", "https://ws.example:99999", "https://a b", "ws.example", "https://user@ws.example",
    ])
    func issuerIsAnOrigin(issuer: String) {
        let text = Self.smallest.replacing("https://ws-042.example", with: "\"\(issuer)\"")
        #expect(problems(text).map { $0.contains("tokens.issuer: must be an https origin") } == [true])
    }

    @Test func socketPathFitsItsAddress() {
        let long = "/" + String(repeating: "a", count: 107)
        #expect(problems(Self.smallest.replacing("/run/cps-agent/agent.sock", with: long)).count == 1)
    }

    @Test(arguments: [
        ("agent:\n  socket: /a\n  state_dir: /b\n  socket: /c\n", "line 2: agent.socket"), ("log:\nlog:\n", "line 1: log"),
        ("trust:\n  revocation:\n    max_age: 1\n    max_age: 2\n", "line 3: trust.revocation.max_age"),
    ])
    func duplicateKeyIsNamed(text: String, expected: String) {
        #expect(problems(text) == ["\(expected): the key is there more than once"])
    }

    @Test(arguments: ["a: [", "\t- x", "a: b: c", "*x", "--- a\n--- b\n", "a: &x [*x]", "\"\\q\""])
    func brokenYAMLIsRefused(text: String) { #expect(problems(text).count == 1) }

    @Test(arguments: ["- a", "text", "[a]"])
    func fileThatIsNoMappingIsRefused(text: String) {
        #expect(problems(text) == ["line 1: the file must be a mapping of sections"])
    }

    @Test(arguments: ["a.b: 1", "? [a]\n: 1", "'': 1"])
    func keyIsAPlainName(text: String) { #expect(problems(text) == ["line 1: a key must be a plain name"]) }

    @Test func deepAndWideFilesAreRefused() {
        #expect(problems(String(repeating: "[", count: 100_000)).count == 1)
        #expect(problems(String(repeating: "a:\n ", count: 20)).count == 1)
        #expect(problems(String(repeating: "{a: ", count: 500) + String(repeating: "}", count: 500)).count == 1)
        #expect(problems((0..<20_000).map { "k\($0): 1\n" }.joined()).count == 1)
        #expect(problems(String(repeating: " ", count: AgentConfiguration.sizeLimit + 1)).count == 1)
        let bomb =
            "a: &a {x: 1, y: 1}\n"
            + (1..<40).map { "a\($0): &a\($0) {x: *a\($0 == 1 ? "" : "\($0 - 1)"), y: *a\($0 == 1 ? "" : "\($0 - 1)")}\n" }.joined()
        #expect(problems(bomb).count == 1)
    }

    @Test func bytesThatAreNotTextAreRefused() {
        #expect(throws: ConfigurationError.self) { try AgentConfiguration(bytes: [0x61, 0xFF], environment: [:], hostname: "h") }
    }

    @Test func environmentReplacesValues() throws {
        let configuration = try load(
            Self.smallest + "\n  ttl: 10m",
            [
                "CPS_AGENTD_TOKENS_TTL": "45", "CPS_AGENTD_TRUST_REVOCATION_MAX_AGE": "1d", "CPS_AGENTD_READERS_ALLOW": "One,Two",
                "PATH": "/bin", "CPS_AGENT_SOCKET": "/x",
            ])
        #expect(configuration.tokens.ttl == 45)
        #expect(configuration.trust.revocation.maxAge == 86_400)
        #expect(configuration.readers.allow == ["One", "Two"])
        #expect(configuration.overrides == ["CPS_AGENTD_READERS_ALLOW", "CPS_AGENTD_TOKENS_TTL", "CPS_AGENTD_TRUST_REVOCATION_MAX_AGE"])
    }

    @Test func environmentIsCheckedLikeTheFile() {
        let environment = ["CPS_AGENTD_TOKENS_TTL": "long", "CPS_AGENTD_TOKEN_TTL": "1", "CPS_AGENTD_METRICS_ENABLED": "true"]
        #expect(
            problems(Self.smallest, environment) == [
                "environment CPS_AGENTD_METRICS_ENABLED: there is no such key",
                "environment CPS_AGENTD_TOKENS_TTL: tokens.ttl: must be a duration from 1 to 900 seconds, such as 30s, 15m, 4h, 7d",
                "environment CPS_AGENTD_TOKEN_TTL: there is no such key",
            ])
    }

    @Test func environmentCanGiveARequiredValue() throws {
        let environment = [
            "CPS_AGENTD_AGENT_STATE_DIR": "/s", "CPS_AGENTD_AGENT_SOCKET": "/a", "CPS_AGENTD_TRUST_ANCHORS": "/t",
            "CPS_AGENTD_TOKENS_ISSUER": "https://e.example",
        ]
        #expect(try load("", environment).tokens.issuer == "https://e.example")
    }

    @Test func valuesAreNotEchoed() {
        let found = problems(Self.smallest.replacing("https://ws-042.example", with: "hunter2"), ["CPS_AGENTD_LOG_LEVEL": "hunter3"])
        #expect(found.count == 2)
        #expect(!found.joined().contains("hunter"))
    }
}

/// What is fetched, with addresses as texts.
enum FetchedLists: Equatable, Sendable {
    case off, named
    case addresses([String])

    init(_ fetch: TrustSection.Fetch) {
        switch fetch {
        case .off: self = .off
        case .named: self = .named
        case .addresses(let addresses): self = .addresses(addresses.map(\.text))
        }
    }
}

struct AuditForwardTests {
    private func load(_ audit: String) throws(ConfigurationError) -> AuditSection {
        try AgentConfiguration(
            bytes: Array("\(ConfigurationTests.smallest)\naudit: \(audit)\n".utf8), environment: [:], hostname: "host"
        ).audit
    }

    @Test func logIsKeptForEverAndHandedToNobodyByDefault() throws {
        let audit = try load("{}")
        #expect(audit.retention == nil)
        #expect(audit.forward.isEmpty)
    }

    @Test func targetsAreReadInTheirOrder() throws {
        let audit = try load(
            """
            {retention: 3650d, forward: {siem: {syslog: "h:6514", authorities: /a, certificate: /c, key: /k, timeout: 5s},
              journal: {journal: true}, own: {journal: /run/j}, arr: {fhir: "https://fhir.example/r4", authorities: /b}}}
            """)
        #expect(audit.retention == 315_360_000)
        #expect(audit.forward.map(\.name) == ["siem", "journal", "own", "arr"])
        #expect(audit.forward[0].target == .syslog(SyslogServer("h:6514", authorities: "/a", certificate: "/c", key: "/k")))
        #expect(audit.forward.map(\.timeout) == [5, 30, 30, 30])
        #expect(audit.forward[1].target == .journal(nil))
        #expect(audit.forward[2].target == .journal("/run/j"))
        guard case .fhir(let base, "/b") = audit.forward[3].target else { return #expect(Bool(false), "no FHIR server") }
        #expect(base.text == "https://fhir.example/r4")
    }

    @Test(arguments: [
        "{retention: 23h}", "{retention: forever}", "{forward: {a: {}}}", "{forward: {a: {syslog: h}}}", "{forward: {a: {journal: maybe}}}",
        "{forward: {a: {journal: true, fhir: \"http://h\"}}}", "{forward: {a: {fhir: ftp://h}}}",
        "{forward: {a: {syslog: h, authorities: /a, key: /k}}}", "{forward: {a: {journal: true, authorities: /a}}}",
        "{forward: {\"a b\": {journal: true}}}", "{forward: [a]}", "{forward: {a: {journal: true, colour: red}}}",
    ])
    func targetThatCannotBeIsRefused(_ audit: String) { #expect(throws: ConfigurationError.self) { try load(audit) } }
}
