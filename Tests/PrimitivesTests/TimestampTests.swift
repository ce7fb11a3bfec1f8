import Foundation
import Primitives
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"), (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
            (-2_203_891_200_001, "1900-02-28T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59.000Z"), (1_709_164_799_000, "2024-02-28T23:59:59.000Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
        ] as [(Int64, String)])
    func instantsAndTextAgree(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test func everyDayOfFourCenturiesComesBackInOrder() {
        var before = ""
        for day in Int64(-60_000)..<90_000 {
            let text = Timestamp(milliseconds: day * 86_400_000 + 1).description
            #expect(text > before)
            #expect(Timestamp(text)?.milliseconds == day * 86_400_000 + 1)
            before = text
        }
    }

    @Test func theFractionMayBeLeftOut() {
        #expect(Timestamp("2026-06-30T12:34:56Z") == Timestamp("2026-06-30T12:34:56.000Z"))
    }

    @Test(arguments: [
        "", "2026-06-30", "2026-06-30T12:34:56", "2026-06-30T12:34:56.1Z", "2026-06-30T12:34:56.1234Z", "2026-06-30T12:34:56+00:00",
        "2026-06-30t12:34:56z", "2026-06-30 12:34:56Z", "2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z", "2026-06-00T00:00:00Z",
        "2026-06-32T00:00:00Z", "2026-06-30T24:00:00Z", "2026-06-30T12:60:00Z", "2026-06-30T12:34:60Z", "-026-06-30T12:34:56Z",
        "2026-06-30T12:34:56.-01Z", "2026-06-30T12:34:56,123Z", "２026-06-30T12:34Z",
    ])
    func otherFormsAreRefused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(arguments: ["2026-02-29", "2100-02-29", "1900-02-29", "2024-02-30", "2026-04-31", "2026-06-31", "2026-09-31", "2026-11-31"])
    func daysThatNoMonthHasAreRefused(date: String) {
        #expect(Timestamp("\(date)T00:00:00Z") == nil)
    }

    @Test(arguments: [(1999, 1), (1000, 1), (999, 0), (0, 0), (-1, -1), (-1000, -1), (-1001, -2)] as [(Int64, Int64)])
    func secondsAreRoundedDown(milliseconds: Int64, seconds: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).seconds == seconds)
    }

    @Test func laterIsGreater() {
        let time = Timestamp(seconds: 1_700_000_000)
        #expect(time < time.advanced(bySeconds: 1))
        #expect(time.advanced(bySeconds: -1) < time)
        #expect(time.advanced(bySeconds: 90).seconds == 1_700_000_090)
    }

    @Test func jsonCarriesTheText() throws {
        let time = Timestamp(milliseconds: 1_700_000_000_123)
        let bytes = try JSONEncoder().encode([time])
        #expect(String(decoding: bytes, as: UTF8.self) == #"["2023-11-14T22:13:20.123Z"]"#)
        #expect(try JSONDecoder().decode([Timestamp].self, from: bytes) == [time])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Timestamp].self, from: Data(#"["yesterday"]"#.utf8)) }
    }
}
