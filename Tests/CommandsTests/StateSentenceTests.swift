import Primitives
import Testing

@testable import Commands

/// No name of the wire is left for people to read, in either language.
struct StateSentenceTests {
    @Test(
        arguments: [
            (["ok", "degraded"], StateSentence.health), (["production", "test"], StateSentence.environment),
            (["starting", "running", "service_down", "not_authorised"], StateSentence.monitoring),
            (["good", "unchecked"], StateSentence.revocation), (["starting", "ok", "failing"], StateSentence.forward),
            (
                [
                    "certificate_ends_soon", "certificate_expired", "certificate_not_yet_valid", "certificate_weak",
                    "certificate_untrusted", "list_missing", "list_stale", "list_ends_soon",
                ], TrustSentence.warning
            ),
        ] as [([String], @Sendable (String) -> Text)])
    func everyStateHasWordsInBothLanguages(_ names: [String], _ sentence: @Sendable (String) -> Text) {
        for name in names {
            let text = sentence(name)
            #expect(text.french != text.english && text.french != name && !text.english.contains("_"))
        }
        #expect(Set(names.map { sentence($0) }).count == names.count)
        #expect(sentence("of_a_later_agent") == Text("of_a_later_agent", "of_a_later_agent"))
    }
}
