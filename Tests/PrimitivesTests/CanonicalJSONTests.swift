import Foundation
import Primitives
import Testing

struct CanonicalJSONTests {
    private func canonical(_ value: JSON) -> String { String(decoding: value.canonical, as: UTF8.self) }

    @Test(
        arguments: [
            (.null, "null"), (true, "true"), (false, "false"), (0, "0"), (-1, "-1"), (9_007_199_254_740_992, "9007199254740992"),
            ("", "\"\""), ([], "[]"), (.object([:]), "{}"), ([1, [2, .null], "x"], #"[1,[2,null],"x"]"#),
            (["b": 1, "a": ["d": 2, "c": 3]], #"{"a":{"c":3,"d":2},"b":1}"#),
        ] as [(JSON, String)])
    func valuesHaveOneForm(value: JSON, text: String) {
        #expect(canonical(value) == text)
    }

    /// The example of RFC 8785 §3.2.3.
    @Test func membersAreSortedByUTF16() {
        let value: JSON = [
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh", "1": "One",
            "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis",
        ]
        let wanted =
            #"{"\r":"Carriage Return","1":"One",""# + "\u{80}" + #"":"Control",""# + "\u{f6}"
            + #"":"Latin Small Letter O With Diaeresis",""# + "\u{20ac}" + #"":"Euro Sign",""# + "\u{1f600}"
            + #"":"Emoji: Grinning Face",""# + "\u{fb33}" + #"":"Hebrew Letter Dalet With Dagesh"}"#
        #expect(canonical(value) == wanted)
    }

    /// The string of RFC 8785 §3.2.2.2's example, and the controls around it.
    @Test(arguments: [
        ("\u{20ac}$\u{0F}\u{0a}A'\u{42}\u{22}\u{5c}\\\"/", "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""),
        ("\u{08}\u{09}\u{0a}\u{0c}\u{0d}", #""\b\t\n\f\r""#), ("\u{00}\u{07}\u{0b}\u{1f}", #""\u0000\u0007\u000b\u001f""#),
        ("\u{7f}\u{2028}</script>", "\"\u{7f}\u{2028}</script>\""), ("é", "\"é\""), ("e\u{301}", "\"e\u{301}\""),
    ])
    func stringsAreEscapedInTheShortestWay(text: String, quoted: String) {
        #expect(Array(canonical(.string(text)).utf8) == Array(quoted.utf8))
    }

    @Test func canonicalTextReadsBackAsTheSameValue() throws {
        let value: JSON = ["z": [1, -2, .null, true], "": "\u{1}\"\\/\u{1f600}", "a": ["n": 9_007_199_254_740_991]]
        #expect(try JSONDecoder().decode(JSON.self, from: Data(value.canonical)) == value)
    }

    @Test func absentMembersAreLeftOut() {
        #expect(canonical(.members(["a": 1, "b": nil, "c": .null])) == #"{"a":1,"c":null}"#)
    }

    @Test(arguments: ["[1.5]", "[1e400]", "[9223372036854775808]"])
    func numbersThatAreNotWholeAreRefused(text: String) {
        #expect(throws: (any Error).self) { try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }
    }

    @Test func membersAreReachedByKind() {
        let value: JSON = ["s": "x", "i": 3, "b": true, "a": [1]]
        #expect(value["s"]?.string == "x" && value["i"]?.int == 3 && value["b"]?.bool == true && value["a"]?.array == [1])
        #expect(value["s"]?.int == nil && value["i"]?.string == nil && value["none"] == nil && JSON.null["s"] == nil)
    }
}
