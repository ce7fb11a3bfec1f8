import Audit
import Primitives
import Testing

struct TraceDraftTests {
    private let salt: [UInt8] = Array(0..<16)

    @Test func leafIsCanonicalAndLeavesAbsentMembersOut() {
        let draft = TraceDraft(.agentStarted, .info, at: Timestamp(milliseconds: 1_700_000_000_123))
        let leaf = draft.leaf(seq: 0, salt: salt, workstation: "ws-042")
        let expected =
            #"{"event":"agent.started","outcome":"info","salt":"AAECAwQFBgcICQoLDA0ODw","seq":0,"#
            + #""time":"2023-11-14T22:13:20.123Z","v":1,"workstation":"ws-042"}"#
        #expect(String(decoding: leaf, as: UTF8.self) == expected)
    }

    @Test func everyMemberHasItsPlace() throws {
        var draft = TraceDraft(.loginRefused, .refused, at: Timestamp(milliseconds: 0))
        draft.code = "pin_wrong"
        draft.client = ["uid": 1000]
        draft.actor = ["national_id": "899900063480"]
        draft.reader = ["name": "Lecteur \"à\" \n"]
        draft.card = ["serial": "1"]
        draft.session = "s"
        draft.mode = "card"
        draft.patient = "p"
        draft.reason = "because"
        draft.evidence = ["signature": "x"]
        draft.count = 3
        draft.detail = [1, .null, true]
        let leaf = String(decoding: draft.leaf(seq: 7, salt: salt, workstation: "w"), as: UTF8.self)
        let expected =
            #"{"actor":{"national_id":"899900063480"},"card":{"serial":"1"},"client":{"uid":1000},"code":"pin_wrong","count":3,"#
            + #""detail":[1,null,true],"event":"login.refused","evidence":{"signature":"x"},"mode":"card","outcome":"refused","#
            + #""patient":"p","reader":{"name":"Lecteur \"à\" \n"},"reason":"because","salt":"AAECAwQFBgcICQoLDA0ODw","seq":7,"#
            + #""session":"s","time":"1970-01-01T00:00:00.000Z","v":1,"workstation":"w"}"#
        #expect(leaf == expected)
    }

    @Test func scannerReadsBackWhatIsWritten() throws {
        var draft = TraceDraft(.cardRead, .info, at: Timestamp(milliseconds: 0))
        draft.reason = "é\u{1}\u{10FFFF}\u{1F}\"\\/\n"
        draft.detail = ["seq": 99, "deep": [[], [:], [-1, false]]]
        let leaf = draft.leaf(seq: 123_456, salt: salt, workstation: "")
        #expect(try leaf.withUnsafeBytes { try TraceScanner.sequence(of: $0) } == 123_456)
    }
}
