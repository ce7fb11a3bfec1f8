import Habilitation
import Testing

/// The matrix that is shipped.
struct HabilitationTests {
    private let matrix = HabilitationMatrix.builtIn

    private func rights(
        _ profession: String?, _ mode: AccessMode = .card, breakGlass: Bool = false, family: String = "CPS", roles: Set<Role> = []
    ) -> Rights {
        var facts = Facts(mode: mode)
        facts.profession = profession
        facts.family = family
        facts.isBreakGlass = breakGlass
        facts.roles = roles
        return matrix.rights(for: facts)
    }

    @Test func theShippedFileIsInForce() throws {
        #expect(try HabilitationMatrix(bytes: HabilitationMatrix.builtInText).sha256 == matrix.sha256)
        #expect(matrix.sha256.count == 64)
    }

    @Test(arguments: [
        ("10", "identity:read prescription:write record:read record:validate record:write"),
        ("40", "identity:read prescription:write record:read record:validate record:write"),
        ("50", "identity:read prescription:write record:read record:validate record:write"),
        ("21", "dispensation:write identity:read record:read"),
        ("60", "identity:read record:read record:write"),
        ("69", "identity:read record:read record:write"),
        ("70", "identity:read record:read record:write"),
        ("98", "identity:read record:read record:write"),
        ("35", "identity:read"), ("93", "identity:read"), ("999", "identity:read"), ("0", "identity:read"),
    ])
    func rightsFollowTheProfession(code: String, scopes: String) { #expect(Scope.text(rights(code).scopes) == scopes) }

    @Test(arguments: AccessMode.allCases)
    func noProfessionMeansIdentityOnly(mode: AccessMode) { #expect(rights(nil, mode).scopes == [.identityRead]) }

    @Test(arguments: ["10", "21", "60"])
    func degradedHasFewerScopesThanEveryOtherMode(code: String) {
        let degraded = Set(rights(code, .degraded).scopes)
        for mode in [AccessMode.card, .unchecked, .mobile] {
            #expect(degraded.isStrictSubset(of: Set(rights(code, mode).scopes)))
        }
    }

    @Test(arguments: [AccessMode.unchecked, .mobile, .degraded])
    func validationNeedsACardThatIsKnownToBeGood(mode: AccessMode) {
        #expect(rights("10").grants(.recordValidate))
        #expect(!rights("10", mode).grants(.recordValidate))
    }

    @Test func emergencyOpensMoreAndLeavesNothing() {
        #expect(
            Scope.text(rights("10", .degraded, breakGlass: true).scopes)
                == "identity:read prescription:write record:emergency record:read record:write")
        #expect(rights("60", .degraded, breakGlass: true).decide([.prescriptionWrite]) == .refused(.prescriptionWrite, rules: [.noGrant]))
        let (isGranted, rules) = rights("10", breakGlass: true).verdict(on: .recordValidate)
        #expect(!isGranted)
        #expect(rules.map(\.rawValue) == ["emergency_leaves_nothing"])
    }

    @Test(arguments: ["CPE", "CDE", "CPA", "CDA"])
    func staffCardOpensNoRecord(family: String) {
        let rights = rights("60", family: family)
        #expect(rights.scopes == [.identityRead])
        #expect(rights.decide([.recordRead]) == .refused(.recordRead, rules: [Rule(rawValue: "staff_sees_no_record")]))
    }

    @Test func administrationNeverSeesARecord() {
        let rights = rights("10", roles: [.administration])
        #expect(Scope.text(rights.scopes) == "account:manage audit:retain identity:read session:manage")
        #expect(rights.decide([.recordRead]) == .refused(.recordRead, rules: [Rule(rawValue: "administration_sees_no_record")]))
    }

    @Test(arguments: [AccessMode.mobile, .degraded])
    func rolesNeedACard(mode: AccessMode) {
        #expect(rights(nil, .unchecked, roles: Set(Role.allCases)).scopes.count == 6)
        #expect(rights(nil, mode, roles: Set(Role.allCases)).scopes == [.identityRead])
    }

    @Test func emptyRequestIsAllThatIsGranted() {
        let decision = rights("21").decide([])
        let rules = ["identity", "viewing", "dispensing"].map { Rule(rawValue: $0) }
        #expect(decision == .granted([.dispensationWrite, .identityRead, .recordRead], rules: rules))
    }

    @Test func requestIsGrantedInItsOrderOnceEach() {
        let decision = rights("10").decide([.recordWrite, .recordRead, .recordWrite])
        #expect(decision == .granted([.recordWrite, .recordRead], rules: [Rule(rawValue: "viewing"), Rule(rawValue: "entry")]))
    }

    @Test(arguments: ["60", "21", "35", "999", nil] as [String?])
    func oneScopeTooManyRefusesTheWholeRequest(code: String?) {
        #expect(rights(code).decide([.identityRead, .prescriptionWrite]) == .refused(.prescriptionWrite, rules: [.noGrant]))
    }

    @Test func entryCannotValidate() {
        #expect(rights("60").decide([.recordValidate]) == .refused(.recordValidate, rules: [Rule(rawValue: "entry_never_validates")]))
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
