import ConfigurationFile
import Habilitation
import Primitives
import Testing

/// What files say, rule by rule.
struct MatrixTests {
    private func matrix(_ text: String) throws(ConfigurationError) -> HabilitationMatrix { try HabilitationMatrix(bytes: Array(text.utf8)) }

    /// Whether a matrix of one rule with this condition grants to somebody with these facts.
    private func speaks(_ condition: String, _ facts: [Fact: [String]]) throws -> Bool {
        let matrix = try matrix("rules: {one: {when: {\(condition)}, grant: ['a:read']}}")
        var known = Facts(mode: .card)
        for (fact, values) in facts {
            let isTaken = known.set(fact, values)
            #expect(isTaken)
        }
        return matrix.rights(for: known).scopes.map(\.text).contains("a:read")
    }

    @Test(
        arguments: [
            ("person: '899900063480'", .person, "899900063480", "899700245667"), ("role: audit", .role, "audit", "review"),
            ("profession: [10, '60']", .profession, "60", "21"), ("training: 10", .training, "10", "21"),
            ("know_how: [SM26, 'SM5*']", .knowHow, "SM54", "SM27"), ("family: [CPS, CPF]", .family, "CPF", "CPE"),
            ("sector: 'SA0*'", .sector, "SA07", "SA33"), ("structure: 499900063480001", .structure, "499900063480001", "1760021832"),
            ("profile: '1'", .profile, "1", "2"), ("mode: [card, mobile]", .mode, "mobile", "degraded"),
            ("break_glass: true", .breakGlass, "true", "false"), ("client: 'records*'", .client, "records-2", "dmp"),
            ("workstation: 'urg-*'", .workstation, "urg-4", "ws-042"), ("test: false", .test, "false", "true"),
        ] as [(String, Fact, String, String)])
    func conditionFitsByOneOfItsValues(condition: String, fact: Fact, fits: String, other: String) throws {
        #expect(try speaks(condition, [fact: [fits]]))
        #expect(try !speaks(condition, [fact: [other]]))
        #expect(try !speaks("not: {\(condition)}", [fact: [fits]]))
        #expect(try speaks("not: {\(condition)}", [fact: [other]]))
    }

    @Test(arguments: Fact.allCases.filter { ![.mode, .breakGlass, .test].contains($0) })
    func whatIsNotKnownFitsNoCondition(fact: Fact) throws {
        let value = fact == .family ? "CPS" : fact == .role ? "audit" : fact == .profession || fact == .training ? "10" : "AA11"
        #expect(try !speaks("\(fact.rawValue): '\(value)'", [:]))
        #expect(try speaks("not: {\(fact.rawValue): '\(value)'}", [:]))
    }

    @Test func everyFactHasItsTest() { #expect(Fact.allCases.count == 14) }

    @Test func allConditionsMustFit() throws {
        #expect(try speaks("profession: 10, mode: card", [.profession: ["10"]]))
        #expect(try !speaks("profession: 10, mode: mobile", [.profession: ["10"]]))
        #expect(try !speaks("profession: 10, not: {mode: card}", [.profession: ["10"]]))
        #expect(try !speaks("profession: 10, not: {mode: mobile, family: CPS}", [.profession: ["10"], .family: ["CPS"]]))
    }

    @Test func personIsFoundByRPPSToo() throws {
        let matrix = try matrix("rules: {one: {when: {person: '99900063480'}, grant: ['a:read']}}")
        var facts = Facts(mode: .card)
        facts.person = "899900063480"
        facts.rpps = "99900063480"
        #expect(matrix.rights(for: facts).scopes.count == 1)
    }

    @Test func oneOfSeveralKnowHowsIsEnough() throws {
        #expect(try speaks("know_how: SM26", [.knowHow: ["C44", "SM26"]]))
    }

    private static let three = """
        rules:
          first: {grant: ["a:read", "a:write"]}
          second: {grant: ["a:read"]}
          third: {when: {mode: mobile}, deny: ["a:w*"]}
          fourth: {when: {mode: mobile}, deny: ["a:write"]}
        """

    @Test func denyWinsAndEveryRuleIsNamed() throws {
        let matrix = try matrix(Self.three)
        let read = try #require(Scope("a:read"))
        let write = try #require(Scope("a:write"))
        let names = { (texts: [String]) in texts.map { Rule(rawValue: $0) } }
        #expect(
            matrix.rights(for: Facts(mode: .card)).decide([read, write]) == .granted([read, write], rules: names(["first", "second"])))
        let mobile = matrix.rights(for: Facts(mode: .mobile))
        #expect(mobile.scopes == [read])
        #expect(mobile.decide([]) == .granted([read], rules: names(["first", "second"])))
        #expect(mobile.decide([read, write]) == .refused(write, rules: names(["third", "fourth"])))
    }

    @Test func whatNoRuleGrantsIsDenied() throws {
        let matrix = try matrix("rules: {one: {deny: ['b:read']}}")
        let rights = matrix.rights(for: Facts(mode: .card))
        #expect(rights.scopes == [])
        #expect(rights.decide([]) == .granted([], rules: []))
        #expect(rights.decide([.recordRead]) == .refused(.recordRead, rules: [.noGrant]))
    }

    @Test func peopleHaveTheirRolesAndOthersHaveNone() throws {
        let matrix = try matrix(
            "rules: {one: {deny: ['b:read']}}\npeople: {'899900063480': [administration, audit], '3760021832/01': review}")
        var facts = Facts(mode: .card)
        #expect(matrix.rights(for: facts).roles == [])
        facts.person = "899900063480"
        #expect(matrix.rights(for: facts).roles == [.administration, .audit])
        #expect(Scope.text(matrix.rights(for: facts).scopes) == "account:manage audit:read audit:retain session:manage")
        let (_, rules) = matrix.rights(for: facts).verdict(on: .sessionManage)
        #expect(rules.map(\.rawValue) == ["role.administration"])
        facts.person = "3760021832/01"
        #expect(Scope.text(matrix.rights(for: facts).scopes) == "audit:read emergency:review")
    }

    @Test func fileMayTakeFromARole() throws {
        let matrix = try matrix(
            "rules: {no_ends: {when: {role: administration, mode: unchecked}, deny: ['session:manage']}}\npeople: {'80': administration}")
        var facts = Facts(mode: .unchecked)
        facts.person = "80"
        #expect(!matrix.rights(for: facts).grants(.sessionManage))
        facts.mode = .card
        #expect(matrix.rights(for: facts).grants(.sessionManage))
    }

    @Test func explanationNamesWhatKeepsARuleFromSpeaking() throws {
        let matrix = try matrix("rules: {one: {when: {profession: 10, not: {mode: mobile}}, grant: ['a:read']}}")
        var facts = Facts(mode: .mobile)
        let explanation = matrix.explanation(of: facts, scopes: [])
        let rule = try #require(explanation["rules"]?.array?.last)
        #expect(rule == ["name": "one", "applies": false, "unmet": ["profession", "not mode"]])
        facts.profession = "10"
        facts.mode = .card
        let granted = matrix.explanation(of: facts, scopes: [try #require(Scope("a:read"))])
        #expect(granted["decisions"] == [["scope": "a:read", "granted": true, "rules": ["one"]]])
        #expect(granted["facts"]?["profession"] == ["10"])
        #expect(granted["scopes"] == ["a:read"])
    }

    @Test func hashIsOfTheBytes() throws {
        let one = try matrix("rules: {one: {grant: ['a:read']}}")
        let (same, other) = (try matrix("rules: {one: {grant: ['a:read']}}"), try matrix("rules: {one: {grant: ['a:read']}} "))
        #expect(one.sha256 == same.sha256)
        #expect(one.sha256 != other.sha256)
        #expect(one.json == ["sha256": .string(one.sha256), "rules": 1, "people": 0, "samples": 0])
    }
}
