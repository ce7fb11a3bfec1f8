import JOSE
import Primitives
import Testing

struct StrictJSONTests {
    private func read(_ text: String) -> JSON? { StrictJSON.value(Array(text.utf8)) }

    @Test(
        arguments: [
            (#"{}"#, [:]), (#" { "a" : [ 1 , -2 , 0 ] , "b" : { } } "#, ["a": [1, -2, 0], "b": [:]]), (#"[]"#, []),
            (#"[true,false,null]"#, [true, false, .null]), (#""é\u00e9\n\/\ud83d\ude00""#, "éé\n/😀"), (#"1780315200.75"#, 1_780_315_200),
            (#"9223372036854775807"#, .int(.max)), (#"-9223372036854775808"#, .int(.min)), (#""\"\\\b\f\r\t""#, "\"\\\u{8}\u{C}\r\t"),
        ] as [(String, JSON)])
    func textIsRead(text: String, value: JSON) { #expect(read(text) == value) }

    @Test(
        arguments: [
            "", " ", "{", "}", "[", "[1", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":1 \"b\":2}",
            "01",
            "-", "+1", ".5", "1.", "1e3", "1E3", "1.5e3", "9223372036854775808", "NaN", "tru", "nul", "truefalse", "\"", "\"a", "\"\\x\"",
            "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "1 2", "{} {}",
            "[1] x",
            "/**/1", "\u{FEFF}1",
        ])
    func textThatIsNoJSONIsRefused(text: String) { #expect(read(text) == nil) }

    @Test(arguments: [#"{"alg":"none","alg":"ES256"}"#, #"{"a":{"b":1,"b":1}}"#, #"{"a":1,"\u0061":2}"#])
    func memberThatStandsTwiceIsRefused(text: String) { #expect(read(text) == nil) }

    @Test func bytesThatAreNoUnicodeAreRefused() {
        #expect(StrictJSON.value([0x22, 0xFF, 0x22]) == nil)
        #expect(StrictJSON.value([0x22, 0xC0, 0xAF, 0x22]) == nil)
        #expect(StrictJSON.value([0x22, 0xED, 0xA0, 0x80, 0x22]) == nil)
    }

    @Test func depthIsBounded() {
        func nested(_ levels: Int) -> String { String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
        #expect(read(nested(StrictJSON.depthLimit)) != nil)
        #expect(read(nested(StrictJSON.depthLimit + 1)) == nil)
        #expect(read(nested(8000)) == nil)
    }

    @Test func objectIsAskedFor() {
        #expect(StrictJSON.object(Array("[]".utf8)) == nil)
        #expect(StrictJSON.object(Array(#"{"a":1}"#.utf8)) == ["a": 1])
    }
}
