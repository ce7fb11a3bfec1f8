import ConfigurationFile
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

    @Test func emptySectionAllowsNobodyAnything() throws { #expect(try read("clients:\n").clients == []) }

    @Test func entryIsReadWhole() throws {
        let clients = try read(
            """
            clients:
              records:
                uid: [1001, 1002]
                gid: 100
                unit: records.service
                executable: /opt/records/bin/records
                sha256: \(String(repeating: "a0", count: 32))
                audiences: ["https://records.example"]
                scopes: ["record:read", "record:write"]
                operations: [login, pin, token]
              default: {operations: [login]}
            """
        ).clients
        let entry = try #require(clients?.last)
        #expect(clients?.map(\.name) == ["default", "records"])
        #expect(entry.uids == [1001, 1002])
        #expect(entry.gids == [100])
        #expect(entry.units == ["records.service"])
        #expect(entry.executables == ["/opt/records/bin/records"])
        #expect(entry.sha256 == [String(repeating: "a0", count: 32)])
        #expect(entry.audiences == ["https://records.example"])
        #expect(entry.scopes == ["record:read", "record:write"])
        #expect(entry.operations == ["login", "pin", "token"])
        #expect(clients?.first?.audiences == nil)
    }

    @Test(arguments: [
        ("clients: [{name: a}]", "line 4: clients: must be a section"),
        ("clients:\n  a: {operations: [login]}", "clients.a: must name programs"),
        ("clients:\n  default: {uid: [0]}", "clients.default: is for programs that fit no other"),
        ("clients:\n  a: {uid: [x]}", "clients.a.uid: must be user ids"),
        ("clients:\n  a: {uid: 1, operations: [fly]}", "clients.a.operations: must be operations"),
        ("clients:\n  a: {uid: 1, executable: bin/a}", "clients.a.executable: must be absolute paths"),
        ("clients:\n  a: {uid: 1, sha256: AB}", "clients.a.sha256: must be SHA-256"),
        ("clients:\n  a: {uid: 1, unit: a/b.service}", "clients.a.unit: must be names of systemd units"),
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
}
