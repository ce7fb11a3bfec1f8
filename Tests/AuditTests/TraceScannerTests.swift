import Audit
import Testing

struct TraceScannerTests {
    private func fault(_ bytes: [UInt8]) -> TraceFault? {
        do throws(TraceFault) {
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            defer { buffer.deallocate() }
            buffer.copyBytes(from: bytes)
            _ = try TraceScanner.sequence(of: UnsafeRawBufferPointer(buffer))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        #"{"seq":0,"v":1}"#, #"{"a":[],"b":{},"seq":12,"t":null,"v":1}"#, #"{"seq":5,"time":"\u001f\n","v":1}"#, #"{"a":-0,"seq":5,"v":1}"#,
    ])
    func wellFormedTraceIsRead(text: String) {
        #expect(fault(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        "", "{", "{}", "[]", "null", #"{"seq":0,"v":1"#, #"{"seq":0,"v":1}x"#, #"{"seq":0, "v":1}"#, #"{"v":1,"seq":0}"#,
        #"{"seq":0,"seq":1,"v":1}"#, #"{"seq":0,"v":1,}"#, #"{"seq":,"v":1}"#, #"{"a":"\x","seq":0,"v":1}"#,
        #"{"a":"\u0041","seq":0,"v":1}"#,
        #"{"a":"\u00","seq":0,"v":1}"#, #"{"a":tru,"seq":0,"v":1}"#, #"{"a":01,"seq":0,"v":1}"#, #"{"a":1.5,"seq":0,"v":1}"#,
        #"{"a":[1,],"seq":0,"v":1}"#, #"{"a":[1}],"seq":0,"v":1}"#, #"{"a":"#, #"{"a":"\"#, #"{"a":-,"seq":0,"v":1}"#,
        "{\"a\":\"\n\",\"seq\":0,\"v\":1}",
    ])
    func otherTextIsMalformed(text: String) {
        #expect(fault(Array(text.utf8)) == .malformed)
    }

    @Test(
        arguments: [
            [0x80], [0xC1, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82, 0x20], [0xFF],
        ] as [[UInt8]])
    func brokenUTF8IsMalformed(bytes: [UInt8]) {
        let tail = Array(#"","seq":0,"v":1}"#.utf8)
        #expect(fault(Array(#"{"a":""#.utf8) + bytes + tail) == .malformed)
        #expect(fault(Array(#"{"a":""#.utf8) + bytes) == .malformed)
    }

    @Test func everyTruncationIsMalformed() {
        let whole = Array(#"{"a":["é\u0000",{"b":true}],"seq":0,"v":1}"#.utf8)
        #expect(fault(whole) == nil)
        for length in whole.indices { #expect(fault(Array(whole[..<length])) == .malformed) }
    }

    @Test func nestingIsBounded() {
        func nested(_ depth: Int) -> [UInt8] {
            let open = String(repeating: "[", count: depth)
            let close = String(repeating: "]", count: depth)
            return Array(#"{"a":\#(open)\#(close),"seq":0,"v":1}"#.utf8)
        }
        #expect(fault(nested(60)) == nil)
        #expect(fault(nested(64)) == .malformed)
        #expect(fault(Array(#"{"a":"#.utf8) + [UInt8](repeating: 0x5B, count: 60_000)) == .malformed)
    }

    @Test(arguments: [#"{"seq":0}"#, #"{"seq":0,"v":2}"#, #"{"seq":0,"v":"1"}"#])
    func otherVersionsAreNotGuessed(text: String) {
        #expect(fault(Array(text.utf8)) == .unknownVersion)
    }

    @Test(arguments: [#"{"v":1}"#, #"{"seq":-1,"v":1}"#, #"{"seq":"0","v":1}"#, #"{"seq":99999999999999999999,"v":1}"#])
    func sequenceThatIsNoNumberIsWrong(text: String) {
        #expect(fault(Array(text.utf8)) == .wrongSequence)
    }

    @Test func overlongLineIsRefusedUnread() {
        #expect(fault([UInt8](repeating: 0x20, count: 65_537)) == .tooLong)
    }
}
