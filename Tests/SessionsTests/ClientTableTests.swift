import Primitives
import Sessions
import Testing

struct ClientTableTests {
    private static let digest = String(repeating: "a0", count: 32)
    private static let table = ClientTable(
        [
            ClientRule(named("hashed"), uids: [2000], digests: [digest]),
            ClientRule(named("records"), uids: [1000], units: ["records.service"]),
            ClientRule(named("staff"), groups: [50]),
            ClientRule(named("tool"), uids: [1000, 1001], executables: ["/usr/bin/tool"]),
            ClientRule(named("everyone-else"), uids: [1001]),
        ], fallback: nil)

    private static func named(_ name: String) -> Client { Client(name: name, operations: [.token]) }

    @Test(arguments: [
        (ClientFacts(uid: 1000, groups: [1000], units: ["records.service"]), "records"),
        // Each given fact has to fit.
        (ClientFacts(uid: 1001, groups: [1001], units: ["records.service"]), "everyone-else"),
        (ClientFacts(uid: 1000, groups: [1000], units: ["user/records.service", "user@1000.service"]), "default"),
        // What is not known does not fit.
        (ClientFacts(uid: 1000, groups: [1000]), "default"),
        (ClientFacts(uid: 3000, groups: [3000, 50]), "staff"),
        // The first entry that fits wins.
        (ClientFacts(uid: 1000, groups: [50], units: ["records.service"]), "records"),
        (ClientFacts(uid: 1001, groups: [1001], executable: "/usr/bin/tool"), "tool"),
        (ClientFacts(uid: 1001, groups: [1001], executable: "/usr/bin/tool2"), "everyone-else"),
        (ClientFacts(uid: 2000, groups: [2000], sha256: digest), "hashed"),
        (ClientFacts(uid: 2000, groups: [2000], sha256: String(repeating: "b0", count: 32)), "default"),
        (ClientFacts(uid: 2000, groups: [2000]), "default"),
        // Root is held like everybody.
        (ClientFacts(uid: 0, groups: [0]), "default"),
    ])
    func firstEntryThatFitsWins(facts: ClientFacts, expected: String) { #expect(Self.table.match(facts).name == expected) }

    @Test func withoutADefaultEntryWhatFitsNoneMayDoNothing() {
        #expect(Self.table.match(ClientFacts(uid: 9, groups: [])).operations == [])
    }

    @Test func defaultEntryIsForWhatFitsNoOther() {
        let table = ClientTable([], fallback: Client(name: "default", operations: [.login]))
        #expect(table.match(ClientFacts(uid: 9, groups: [])).operations == [.login])
    }

    @Test func executablesAreReadOnlyWhereTheirDigestDecides() {
        #expect(Self.table.needsDigest(ClientFacts(uid: 2000, groups: [])))
        #expect(!Self.table.needsDigest(ClientFacts(uid: 1000, groups: [50])))
        #expect(!Self.table.needsDigest(ClientFacts(uid: 9, groups: [])))
    }

    @Test func credentialsAloneAreEnoughForUserIDs() {
        #expect(!ClientTable([ClientRule(Self.named("a"), uids: [1])], fallback: nil).needsProcess)
        #expect(Self.table.needsProcess)
    }
}
