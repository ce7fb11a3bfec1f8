import Primitives
import Testing

struct DurationTextTests {
    @Test(arguments: [("0", 0), ("90", 90), ("30s", 30), ("15m", 900), ("4h", 14_400), ("7d", 604_800), ("007", 7)] as [(String, Int64)])
    func durationsAreSeconds(text: String, seconds: Int64) { #expect(DurationText.seconds(text) == seconds) }

    @Test(arguments: ["", "s", "-1", "+1", " 1", "1 s", "1w", "1.5h", "1M", "s1", "99999999999d", "9999999999999999999999", "٣"])
    func otherFormsAreRefused(text: String) { #expect(DurationText.seconds(text) == nil) }
}
