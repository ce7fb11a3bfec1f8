import Primitives
import Testing

struct LanguageTests {
    @Test(
        "Accept-Language by RFC 9110 §12.5.4",
        arguments: [
            (nil, .english), ("", .english), ("fr", .french), ("fr-FR,fr;q=0.9,en;q=0.8", .french), ("FR-ca", .french),
            ("en, fr", .english), ("en;q=0.3, fr;q=0.7", .french), ("fr;q=0.3,en", .english), ("de, fr;q=0.1", .french),
            ("de", .english), ("*", .english), ("fr;q=0", .english), ("fr ; q=0.5 , en ; q=0.4", .french), (";;,,q=", .english),
            ("fr;q=zero,en;q=0.1", .french),
        ] as [(String?, Language)])
    func headerIsRead(_ header: String?, _ language: Language) {
        #expect(Language(acceptLanguage: header) == language)
    }

    @Test func endlessHeaderIsReadToABound() {
        #expect(Language(acceptLanguage: String(repeating: "de,", count: 100_000) + "fr") == .english)
    }

    @Test(
        arguments: [
            (nil, .english), ("", .english), ("C", .english), ("POSIX", .english), ("en_GB.UTF-8", .english), ("fr_FR.UTF-8", .french),
            ("fr", .french),
        ] as [(String?, Language)])
    func localeIsRead(_ locale: String?, _ language: Language) {
        #expect(Language(locale: locale) == language)
    }
}
