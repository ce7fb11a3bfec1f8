import Habilitation
import Identity
import Testing

struct HabilitationTests {
    private let rights = HabilitationMatrix.builtIn

    private func holder(_ profession: String?) throws -> Holder {
        Holder(
            nationalID: try #require(NationalID("899900063480")), familyName: "LIBRE", givenName: "MAX",
            profession: profession.map { Profession(code: $0) }, isTest: true)
    }

    @Test(arguments: [
        ("10", "identity:read prescription:write record:read record:write"),
        ("40", "identity:read prescription:write record:read record:write"),
        ("50", "identity:read prescription:write record:read record:write"),
        ("21", "dispensation:write identity:read record:read"),
        ("60", "identity:read record:read record:write"),
        ("69", "identity:read record:read record:write"),
        ("70", "identity:read record:read record:write"),
        ("98", "identity:read record:read record:write"),
        ("35", "identity:read"), ("93", "identity:read"), ("999", "identity:read"), ("0", "identity:read"),
    ])
    func rightsFollowTheProfession(code: String, scopes: String) throws {
        #expect(Scope.text(rights.scopes(for: try holder(code), mode: .card)) == scopes)
    }

    @Test(arguments: AccessMode.allCases)
    func noProfessionMeansIdentityOnly(mode: AccessMode) throws {
        #expect(rights.scopes(for: try holder(nil), mode: mode) == [.identityRead])
    }

    @Test(arguments: ["10", "21", "60"])
    func degradedHasFewerScopesThanEveryOtherMode(code: String) throws {
        let holder = try holder(code)
        let degraded = Set(rights.scopes(for: holder, mode: .degraded))
        for mode in [AccessMode.card, .unchecked, .mobile] {
            #expect(degraded.isStrictSubset(of: Set(rights.scopes(for: holder, mode: mode))))
        }
    }

    @Test func emptyRequestIsAllThatIsGranted() throws {
        let decision = rights.decide(requested: [], holder: try holder("21"), mode: .card)
        #expect(decision == .granted([.dispensationWrite, .identityRead, .recordRead], rule: .pharmacist))
    }

    @Test func requestIsGrantedInItsOrderOnceEach() throws {
        let decision = rights.decide(requested: [.recordWrite, .recordRead, .recordWrite], holder: try holder("10"), mode: .card)
        #expect(decision == .granted([.recordWrite, .recordRead], rule: .prescriber))
    }

    @Test(
        arguments: [
            ("60", Rule.healthProfession), ("21", .pharmacist), ("35", .deprecatedProfession), ("999", .unknownProfession),
            (nil, .noProfession),
        ] as [(String?, Rule)])
    func oneScopeTooManyRefusesTheWholeRequest(code: String?, rule: Rule) throws {
        let decision = rights.decide(requested: [.identityRead, .prescriptionWrite], holder: try holder(code), mode: .card)
        #expect(decision == .refused(.prescriptionWrite, rule: rule))
    }

    @Test func degradedRefusalNamesItsRule() throws {
        let decision = rights.decide(requested: [.recordWrite], holder: try holder("10"), mode: .degraded)
        #expect(decision == .refused(.recordWrite, rule: .degraded))
    }

    @Test(arguments: ["", "a b", "a\"b", "a\\b", "é", "a\u{7F}", String(repeating: "a", count: 129)])
    func textThatIsNoScopeIsRefused(text: String) { #expect(Scope(text) == nil) }

    @Test func scopesTravelAsOneText() {
        #expect(Scope.list("record:read  record:write") == [.recordRead, .recordWrite])
        #expect(Scope.list("") == [])
        #expect(Scope.list("record:read \"") == nil)
    }

    @Test func everyModeHasItsOwnContextClass() {
        let classes = AccessMode.allCases.map { $0.acr(issuer: "https://ws.example") }
        #expect(classes.first == "https://ws.example/acr/card")
        #expect(classes.contains("https://ws.example/acr/card-unchecked"))
        #expect(Set(classes).count == AccessMode.allCases.count)
    }
}
