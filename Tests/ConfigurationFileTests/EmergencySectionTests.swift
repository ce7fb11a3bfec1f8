import ConfigurationFile
import Primitives
import Testing

struct EmergencySectionTests {
    private static let smallest = """
        agent: {state_dir: /var/lib/cps-agent, socket: /run/cps-agent/agent.sock}
        trust: {anchors: /etc/cps-agent/trust}
        tokens: {issuer: "https://ws-042.example"}
        """

    private func read(_ more: String) throws(ConfigurationError) -> AgentConfiguration {
        try AgentConfiguration(bytes: Array("\(Self.smallest)\n\(more)\n".utf8), environment: [:], hostname: "ws")
    }

    private func problems(_ more: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try read(more)
            return []
        } catch {
            return error.problems.map { "\($0.key): \($0.reason)" }
        }
    }

    @Test func withoutSectionsNobodyComesInWithoutACardAndEmergenciesCanBeDeclared() throws {
        let configuration = try read("")
        #expect(!configuration.degraded.isEnabled && configuration.degraded.homologation == nil && !configuration.degraded.isSolo)
        #expect(configuration.degraded.session == 1800 && configuration.degraded.longest == 14_400)
        #expect(configuration.degraded.vouched == 43_200 && configuration.degraded.pepper == "/var/lib/cps-agent/keys/pepper")
        #expect(configuration.degraded.reasons.contains("card_forgotten") && configuration.degraded.contact == nil)
        #expect(configuration.breakGlass.usual == 1800 && configuration.breakGlass.longest == 14_400)
        #expect(configuration.breakGlass.reviewWithin == 86_400 && configuration.breakGlass.inactivity == 3600)
        #expect(configuration.breakGlass.reasons.contains("vital_emergency") && configuration.breakGlass.command.isEmpty)
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try read(
            """
            degraded:
              enabled: true
              homologation: {authority: CHU de Test, reference: "DSI/2026-12", valid_until: "2027-12-31"}
              session: 10m
              longest: 2h
              vouched: 8h
              solo: true
              reasons: [lost, other_reason]
              contact: "DSI, poste 4242"
              password_age: 365d
              pepper: /p
            break_glass:
              usual: 20m
              longest: 1h
              inactivity: 2h
              review_within: 48h
              reasons: [vital]
              notify: {command: [/usr/bin/tell, "--all"], webhook: "https://alerts.example/", authorities: /a}
            """)
        let homologation = try #require(configuration.degraded.homologation)
        #expect(homologation.authority == "CHU de Test" && homologation.reference == "DSI/2026-12")
        #expect(homologation.validUntil.description == "2027-12-31T23:59:59.000Z")
        #expect(configuration.degraded.session == 600 && configuration.degraded.longest == 7200)
        #expect(configuration.degraded.vouched == 28_800 && configuration.degraded.isSolo)
        #expect(configuration.degraded.reasons == ["lost", "other_reason"] && configuration.degraded.contact == "DSI, poste 4242")
        #expect(configuration.degraded.pepper == "/p" && configuration.degraded.passwordAge == 31_536_000)
        #expect(configuration.breakGlass.usual == 1200 && configuration.breakGlass.longest == 3600)
        #expect(configuration.breakGlass.inactivity == 7200 && configuration.breakGlass.reviewWithin == 172_800)
        #expect(configuration.breakGlass.reasons == ["vital"])
        #expect(configuration.breakGlass.command == ["/usr/bin/tell", "--all"])
        #expect(configuration.breakGlass.webhook?.text == "https://alerts.example/" && configuration.breakGlass.webhookAuthorities == "/a")
    }

    @Test func degradedModeNeedsItsHomologation() {
        #expect(
            problems("degraded: {enabled: true, homologation: {authority: x}}") == [
                "degraded.homologation.reference: must be set where degraded.enabled is true",
                "degraded.homologation.valid_until: must be set where degraded.enabled is true",
            ])
    }

    @Test(arguments: [
        ("degraded: {longest: 5h}", "degraded.longest"), ("degraded: {vouched: 13h}", "degraded.vouched"),
        ("degraded: {longest: 10m, session: 11m}", "degraded.session"), ("degraded: {reasons: [Lost]}", "degraded.reasons"),
        ("degraded: {reasons: [a, a]}", "degraded.reasons"), ("degraded: {enabled: maybe}", "degraded.enabled"),
        ("degraded: {homologation: {valid_until: soon}}", "degraded.homologation.valid_until"),
        ("degraded: {pepper: here}", "degraded.pepper"), ("degraded: {password_age: 1h}", "degraded.password_age"),
        ("break_glass: {longest: 5h}", "break_glass.longest"),
        ("break_glass: {window: 1h}", "break_glass.window"), ("break_glass: {review_within: 1m}", "break_glass.review_within"),
        ("break_glass: {notify: {command: [tell]}}", "break_glass.notify.command"),
        ("break_glass: {notify: {authorities: /a}}", "break_glass.notify.authorities"),
        ("break_glass: {notify: {webhook: here}}", "break_glass.notify.webhook"),
    ])
    func wrongValueIsNamed(text: String, key: String) { #expect(problems(text).map { $0.prefix { $0 != ":" } } == [key[...]]) }
}
