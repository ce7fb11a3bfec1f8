import ConfigurationFile
import Primitives
import Testing

struct MobileSectionTests {
    private func read(_ more: String) throws(ConfigurationError) -> AgentConfiguration {
        let text = """
            agent: {state_dir: /s, socket: /run/a.sock}
            trust: {anchors: /a}
            tokens: {issuer: "https://ws.example"}
            \(more)

            """
        return try AgentConfiguration(bytes: Array(text.utf8), environment: [:], hostname: "ws")
    }

    private func problems(_ more: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try read(more)
            return []
        } catch {
            return error.problems.map { "\($0.key): \($0.reason)" }
        }
    }

    @Test(arguments: ["", "mobile:", "mobile: {enabled: false}", "mobile: {enabled: false, listen: \"10.0.0.1:8443\"}"])
    func devicesAreOffUntilSomethingListens(text: String) throws {
        let mobile = try read(text).mobile
        #expect(!mobile.isEnabled)
        #expect(mobile.session == 14_400 && mobile.longest == 43_200 && mobile.inactivity == 1800)
        #expect(mobile.removal == .survives && mobile.devices == 3)
    }

    @Test func everyKeyIsRead() throws {
        let mobile = try read(
            """
            mobile:
              listen: "[2001:db8::7]:8443"
              certificate: /etc/cps-agent/tls/chain.pem
              key: /etc/cps-agent/tls/key.pem
              session: 2h
              longest: 6h
              inactivity: 10m
              survive_removal: 45m
              devices: 1
            """
        ).mobile
        #expect(mobile.isEnabled && mobile.listen?.host == "2001:db8::7" && mobile.listen?.port == 8443)
        #expect(mobile.certificate == "/etc/cps-agent/tls/chain.pem" && mobile.key == "/etc/cps-agent/tls/key.pem")
        #expect(mobile.session == 7200 && mobile.longest == 21_600 && mobile.inactivity == 600)
        #expect(mobile.removal == .limits(2700) && mobile.devices == 1)
    }

    @Test(arguments: [("true", MobileSection.Removal.survives), ("false", .ends), ("1m", .limits(60))])
    func whatTheCardsLeavingMeansIsChosen(text: String, expected: MobileSection.Removal) throws {
        #expect(try read("mobile: {survive_removal: \(text)}").mobile.removal == expected)
    }

    @Test(arguments: [
        ("listen: \"ws.example:8443\"", 2), ("enabled: true", 3), ("listen: \"8443\"", 1), ("listen: \"::1:8443\"", 1),
        ("listen: \"[ws]:8443\"", 1), ("listen: \"1.2.3.4:0\"", 1), ("listen: \"1.2.3.4:65536\"", 1), ("listen: \"a b:1\"", 1),
        ("longest: 13h", 1), ("longest: 1h, session: 2h", 1), ("survive_removal: 13h", 1), ("survive_removal: sometimes", 1),
        ("devices: 0", 1), ("certificate: chain.pem", 1), ("ttl: 5m", 1),
    ])
    func whatDoesNotFitIsRefused(text: String, count: Int) {
        #expect(problems("mobile: {\(text)}").count == count, "\(problems("mobile: {\(text)}"))")
    }

    // MARK: Programs on other machines

    @Test func devicesAndServersAreEntriesOfClients() throws {
        let digest = String(repeating: "ab", count: 32)
        let clients = try #require(
            try read(
                """
                clients:
                  ward-app: {mobile: true, audiences: ["https://records.example"], scopes: ["record:read"]}
                  records: {certificates: [\(digest)], jwks: /etc/cps-agent/records.json, audiences: ["https://records.example"]}
                """
            ).clients)
        #expect(clients.map(\.isMobile) == [true, false] && clients.map(\.isServer) == [false, true])
        #expect(clients[1].certificates == [digest] && clients[1].keys == "/etc/cps-agent/records.json")
    }

    @Test(arguments: [
        "{mobile: true, uid: 1000}", "{jwks: /k.json}", "{certificates: [abc], audiences: [a]}", "{certificates: [], audiences: [a]}",
        "{mobile: true, jwks: /k.json, audiences: [a]}", "{mobile: true, operations: [login]}", "{mobile: false}",
    ])
    func anEntryIsOfOneKind(entry: String) { #expect(!problems("clients: {x: \(entry)}").isEmpty) }
}
