import ConfigurationFile
import Primitives
import Testing

struct ClientEntryTests {
    private static let rest = """
        agent: {state_dir: /s, socket: /run/a.sock}
        trust: {anchors: /a}
        tokens: {issuer: "https://ws.example"}

        """

    private func read(_ clients: String) throws(ConfigurationError) -> AgentConfiguration {
        try AgentConfiguration(bytes: Array((Self.rest + clients).utf8), environment: [:], hostname: "ws")
    }

    @Test func withoutTheSectionEverybodyMayUseEverything() throws { #expect(try read("").clients == nil) }

    @Test(arguments: ["clients:\n", "clients: {}\n"])
    func emptySectionAllowsNobodyAnything(text: String) throws { #expect(try read(text).clients == []) }

    @Test func entryIsReadWhole() throws {
        let clients = try read(
            """
            clients:
              records:
                uid: [1001, 1002]
                gid: 100
                unit: [records.service, user/records.service]
                exe: /opt/records/bin/records
                sha256: \(String(repeating: "a0", count: 32))
                audiences: ["https://records.example"]
                scopes: ["record:read", "record:write"]
                operations: [login, pin, token]
              default: {operations: [login]}
            """
        ).clients
        let entry = try #require(clients?.first)
        #expect(clients?.map(\.name) == ["records", "default"])
        #expect(entry.uids == [1001, 1002])
        #expect(entry.gids == [100])
        #expect(entry.units == ["records.service", "user/records.service"])
        #expect(entry.executables == ["/opt/records/bin/records"])
        #expect(entry.sha256 == [String(repeating: "a0", count: 32)])
        #expect(entry.audiences == ["https://records.example"])
        #expect(entry.scopes == ["record:read", "record:write"])
        #expect(entry.operations == [.login, .pin, .token])
        #expect(clients?.last?.audiences == nil)
    }

    @Test(arguments: [
        ("clients: [{name: a}]", "line 4: clients: must be a section"),
        ("clients:\n  a: {operations: [login]}", "clients.a: must name programs"),
        ("clients:\n  default: {uid: [0]}", "clients.default: is for programs that fit no other"),
        ("clients:\n  a: {uid: [x]}", "clients.a.uid: must be user ids"),
        ("clients:\n  a: {uid: 1, operations: [fly]}", "clients.a.operations: must be operations"),
        ("clients:\n  a: {uid: 1, exe: bin/a}", "clients.a.exe: must be absolute paths"),
        ("clients:\n  a: {uid: 1, sha256: AB}", "clients.a.sha256: must be SHA-256"),
        ("clients:\n  a: {uid: 1, unit: a/b.service}", "clients.a.unit: must be names of systemd units"),
        ("clients:\n  a: {uid: 1, sha256: \(String(repeating: "A0", count: 32))}", "clients.a.sha256: must be SHA-256"),
        ("clients:\n  a: {uid: 1, unit: user.slice}", "clients.a.unit: must be names of systemd units"),
        ("clients:\n  a: {uid: []}", "line 5: clients.a.uid: must not be empty"),
        ("clients:\n  a: {uid: -1}", "line 5: clients.a.uid: must be user ids"),
        ("clients:\n  a: {uid: {b: 1}}", "clients.a.uid: must be a list of texts"),
        ("clients:\n  a b: {uid: 1}", "clients.a b: must be named by"),
        ("clients:\n  a: {uid: 1}\n  a: {uid: 2}", "clients.a: the key is there more than once"),
        ("clients:\n  a: 3", "clients.a: must name programs"),
        ("clients:\n  a: {uid: 1, scopes: ['a b']}", "line 5: clients.a.scopes: must be scopes"),
        ("clients:\n  a: {uid: 1, operation: [login]}", "clients.a.operation: there is no such key"),
    ])
    func mistakeIsNamedWithItsKey(text: String, expected: String) {
        do throws(ConfigurationError) {
            _ = try read(text)
            Issue.record("accepted")
        } catch {
            #expect(error.problems.contains { $0.description.contains(expected) }, "\(error)")
        }
    }

    @Test func entriesKeepTheOrderOfTheFile() throws {
        #expect(try read("clients: {z: {uid: 1}, b: {uid: 1}, a: {uid: 1}}").clients?.map(\.name) == ["z", "b", "a"])
    }

    @Test func variableReplacesAList() throws {
        let text = Self.rest + "clients:\n  a: {uid: 7}\n"
        let configuration = try AgentConfiguration(
            bytes: Array(text.utf8), environment: ["CPS_AGENTD_CLIENTS_A_UID": "8,9"], hostname: "ws")
        #expect(configuration.clients?.first?.uids == [8, 9])
        #expect(configuration.overrides == ["CPS_AGENTD_CLIENTS_A_UID"])
    }
}
