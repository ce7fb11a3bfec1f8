import ConfigurationFile
import Testing

@Suite struct PAMSectionTests {
    private func read(_ sections: String) throws(ConfigurationError) -> AgentConfiguration {
        let text = """
            agent: {state_dir: /s, socket: /r/agent.sock}
            trust: {anchors: /a}
            tokens: {issuer: "https://ws.example"}
            \(sections)
            """
        return try AgentConfiguration(bytes: Array(text.utf8), environment: [:], hostname: "ws")
    }

    private func reasons(_ sections: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try read(sections)
            return []
        } catch {
            return error.problems.map { "\($0.key) \($0.reason)" }
        }
    }

    @Test func withoutTheSectionNobodyHasAnAccountAndTheScreenLocks() throws {
        let pam = try read("").pam
        #expect(!pam.namesAccounts)
        #expect(pam.onRemoval == .lock)
        #expect(pam.grace == 5)
        #expect(pam.leastUID == 1000)
    }

    @Test func peopleAreNamed() throws {
        let pam = try read("pam: {accounts: {people: {'899900063480': max, 'local:stage-1': 'stage.1'}}, on_removal: logout, grace: 30s}")
            .pam
        #expect(pam.people == ["899900063480": "max", "local:stage-1": "stage.1"])
        #expect(pam.onRemoval == .logout)
        #expect(pam.grace == 30)
        #expect(pam.namesAccounts)
    }

    @Test func aRuleOrAProgramNamesTheOthers() throws {
        #expect(try read("pam: {accounts: {rule: 'u{rpps}'}}").pam.rule == "u{rpps}")
        #expect(try read("pam: {accounts: {command: [/usr/local/sbin/account, -q]}}").pam.command == ["/usr/local/sbin/account", "-q"])
    }

    @Test(arguments: [
        ("pam: {accounts: {rule: everybody}}", "pam.accounts.rule"), ("pam: {accounts: {rule: 'u{name}{rpps}'}}", "pam.accounts.rule"),
        ("pam: {accounts: {people: {'8999': 'a:b'}}}", "pam.accounts.people.8999"),
        ("pam: {accounts: {command: [account]}}", "pam.accounts.command"),
        ("pam: {accounts: {rule: 'u{rpps}', command: [/a]}}", "pam.accounts.command"), ("pam: {least_uid: 0}", "pam.least_uid"),
        ("pam: {on_removal: shutdown}", "pam.on_removal"), ("pam: {grace: 2h}", "pam.grace"), ("pam: {rule: x}", "pam.rule"),
        ("readers: {seat: seat0}", "readers.seat"), ("readers: {units: [gdm]}", "readers.units"),
        ("readers: {units: [user/x.service]}", "readers.units"), ("readers: {units: ['*.service']}", "readers.units"),
    ])
    func whatCannotBeMeantIsRefusedByItsKey(sections: String, key: String) {
        let reasons = reasons(sections)
        #expect(reasons.count == 1 && reasons[0].hasPrefix(key), "\(reasons)")
    }

    @Test func unitsOfGreetersAreListedUnlessOthersAre() throws {
        #expect(try read("").readers.units.contains("getty@*.service"))
        #expect(try read("readers: {seat: active, units: [records.service]}").readers.units == ["records.service"])
        #expect(try read("readers: {seat: active}").readers.seat == .active)
    }
}
