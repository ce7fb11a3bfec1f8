import APIContract
import Primitives
import Testing

struct ErrorCatalogueTests {
    private static let document = Result { try ErrorsDocument() }

    @Test(arguments: ErrorCode.allCases)
    func codeHasAnEntry(_ code: ErrorCode) throws {
        let entry = try #require(ErrorCatalogue.entries[code])
        for text in [entry.title, entry.remedy] {
            #expect(!text.french.isEmpty && !text.english.isEmpty && text.french != text.english)
        }
        // A title is a fragment, a remedy a sentence.
        #expect(!entry.title.french.hasSuffix(".") && !entry.title.english.hasSuffix("."))
        #expect(entry.remedy.french.hasSuffix(".") && entry.remedy.english.hasSuffix("."))
        #expect((400..<600).contains(entry.status))
        #expect(entry.exit != .done)
    }

    @Test(arguments: ErrorCode.allCases)
    func documentSaysWhatTheCatalogueSays(_ code: ErrorCode) throws {
        let entry = code.entry
        let written = try #require(try Self.document.get().entries[code.rawValue])
        #expect(written.status == entry.status)
        #expect(written.exit == entry.exit.rawValue)
        #expect(written.retry == entry.retry.rawValue)
        for language in Language.allCases {
            #expect(written.texts[language.rawValue] == "**\(entry.title.in(language)).** \(entry.remedy.in(language))")
        }
    }

    @Test func documentHasEachCodeOnceInTheOrderOfTheList() throws {
        #expect(try Self.document.get().codes == ErrorCode.allCases.map(\.rawValue))
    }

    @Test func documentWithAnotherStatusIsSeen() {
        let document = ErrorsDocument("### `forbidden`\n\n- HTTP 404, exit 1, retry `never`\n- fr: **Non.** Rien.\n")
        #expect(document.entries["forbidden"]?.status == 404)
        #expect(document.entries["forbidden"]?.texts == ["fr": "**Non.** Rien."])
    }
}
