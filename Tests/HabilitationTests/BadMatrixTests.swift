import ConfigurationFile
import Habilitation
import Testing

/// Files that are refused, with line and key.
@Suite(.timeLimit(.minutes(5)))
struct BadMatrixTests {
    private func problems(_ text: String) -> [String] { problems(Array(text.utf8)) }

    private func problems(_ bytes: [UInt8]) -> [String] {
        do throws(ConfigurationError) {
            _ = try HabilitationMatrix(bytes: bytes)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private static let good = "rules:\n  one:\n    grant: ['a:read']\n"

    @Test(arguments: [
        ("", "file: rules: is required: at least one rule"), ("rules:", "line 1: rules: is required: at least one rule"),
        ("rules: [a]", "line 1: rules: must be a section"), ("- a", "line 1: the file must be a mapping"),
        ("rules:\n  one:\n    grant: ['*']", "line 3: rules.one.grant: must be scopes, each in full"),
        ("rules:\n  one:\n    grant: ['a:*']", "line 3: rules.one.grant: must be scopes, each in full"),
        ("rules:\n  one:\n    grant: ['a b']", "line 3: rules.one.grant: must be scopes"),
        ("rules:\n  one:\n    deny: ['a*b']", "line 3: rules.one.deny: must be scopes, or their beginning and *"),
        ("rules:\n  one:\n    when: {mode: card}", "line 2: rules.one: must grant or deny something"),
        ("rules:\n  one:\n    grant: []", "line 2: rules.one: must grant or deny something"),
        ("rules:\n  one:", "line 2: rules.one: must grant or deny something"),
        ("rules:\n  default:\n    grant: a", "line 2: rules.default: must be named by"),
        ("rules:\n  One:\n    grant: a", "line 2: rules.One: must be named by"),
        ("rules:\n  a.b:\n    grant: a", "line 2: rules: a key must be a plain name"),
        ("rules:\n  one: {grant: a}\n  one: {grant: b}", "line 2: rules.one: the key is there more than once"),
        (good + "    when:\n      mode: cards", "line 5: rules.one.when.mode: must be modes: card, unchecked, mobile, degraded"),
        (good + "    when:\n      profession: doctor", "line 5: rules.one.when.profession: must be codes of professions"),
        (good + "    when:\n      profession: '1*'", "line 5: rules.one.when.profession: must be codes of professions"),
        (good + "    when:\n      profession: []", "line 5: rules.one.when.profession: must be codes of professions"),
        (good + "    when:\n      family: CPX", "line 5: rules.one.when.family: must be card families: CPS, CPF, CPE"),
        (good + "    when:\n      role: boss", "line 5: rules.one.when.role: must be roles: administration, review, audit"),
        (good + "    when:\n      sector: sa07", "line 5: rules.one.when.sector: must be codes of sectors"),
        (good + "    when:\n      know_how: 'S*6'", "line 5: rules.one.when.know_how: must be codes of know-how"),
        (good + "    when:\n      break_glass: maybe", "line 5: rules.one.when.break_glass: must be true or false"),
        (good + "    when:\n      person: 'a b'", "line 5: rules.one.when.person: must be national identifiers"),
        (good + "    when:\n      not: {mode: x}", "line 5: rules.one.when.not.mode: must be modes"),
        (good + "    when:\n      not: [mode]", "line 5: rules.one.when.not: must be a section"),
        (good + "    when:\n      weather: fine", "line 5: rules.one.when.weather: there is no such key"),
        (good + "    grants: x", "line 4: rules.one.grants: there is no such key"),
        (good + "ruels: {}", "line 4: ruels: there is no such key"),
        (good + "people:\n  '80': [king]", "line 5: people.80: must be roles: administration, review, audit"),
        (good + "people:\n  '80': []", "line 5: people.80: must be roles"),
        (good + "people:\n  'a b': [audit]", "line 5: people.a b: must be a national identifier"),
        (good + "samples:\n  s: {given: {mode: card}}", "line 5: samples.s: must expect something"),
        (good + "samples:\n  s: {given: {mode: [card, mobile]}, deny: b}", "line 5: samples.s.given.mode: must be one value"),
        (good + "samples:\n  s: {given: {moon: full}, deny: b}", "line 5: samples.s.given.moon: there is no such key"),
        (good + "samples:\n  s: {grant: ['']}", "line 5: samples.s.grant: must be scopes"),
        (good + "samples:\n  s: {given: {mode: mobile}, grant: ['b:read']}", "line 5: samples.s.grant: b:read is denied by default"),
        (good + "samples:\n  s:\n    deny: ['a:read']", "line 6: samples.s.deny: a:read is granted by one"),
    ])
    func problemIsNamedWithLineAndKey(text: String, expected: String) {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
    }

    @Test func allProblemsAreToldAtOnce() {
        let text = "rules:\n  one:\n    grant: 'a b'\n  two: {deny: 'a*b'}\npeople:\n  '80': king\nother: 1\n"
        #expect(problems(text).map { $0.prefix(7) } == ["line 3:", "line 4:", "line 6:", "line 7:"])
    }

    @Test func everySampleThatFailsIsTold() {
        let text = Self.good + "samples:\n  s: {deny: 'a:read'}\n  t: {grant: 'b'}\n  u: {grant: 'a:read'}\n"
        #expect(problems(text).count == 2)
    }

    @Test func sampleThatFailsNamesTheRulesThatDecided() {
        let text = "rules: {one: {grant: x}, two: {deny: x}, three: {deny: 'x*'}}\nsamples: {s: {grant: x}}"
        #expect(problems(text) == ["line 2: samples.s.grant: x is denied by two, three"])
    }

    @Test func bytesThatAreNotTextAndHugeFilesAreRefused() {
        #expect(problems([0x61, 0xFF]) == ["file: is not UTF-8"])
        #expect(problems([UInt8](repeating: 0x20, count: HabilitationMatrix.sizeLimit + 1)).count == 1)
        #expect(problems("rules:\n" + (0..<300).map { "  r\($0): {grant: a}\n" }.joined()).first?.contains("at most 256 rules") == true)
        #expect(problems("rules: {one: {grant: [" + String(repeating: "a,", count: 11_000) + "]}}").count == 1)
    }

    /// Such a file could grow without bound, where a key repeats an anchor even before it is looked at.
    @Test(arguments: ["b: &a [1]", "b: {c: [x,&a y]}", "? &a x\n: 1", "b: \"&a\"", "# &a", "b: 1\n&a c: 2", "'b':&a 1"])
    func anchorsAreRefused(text: String) {
        let line = text.hasPrefix("b: 1") ? 2 : 1
        #expect(problems(text) == ["line \(line): anchors (&) are not taken here"])
    }

    @Test func andInACommentIsNoAnchor() { #expect(problems(Self.good + "# R&D, A & B &\n") == []) }

    @Test(arguments: ["rules: [", "\t- x", "a: b: c", "*x", "--- a\n--- b\n", "a: &x [*x]"])
    func brokenYAMLIsRefused(text: String) { #expect(problems(text).count == 1) }
}
