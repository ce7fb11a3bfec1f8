import DegradedMode
import Primitives
import Testing

struct PasswordTests {
    @Test(
        arguments: [
            ([], .empty), (Array("abc".utf8), .tooShort), ([UInt8](repeating: 0x61, count: 1025), .tooLong),
            ([0xC3, 0x28, 0x61, 0x62], .notText), ([0x61, 0x62, 0x63, 0xE9], .notText), ([0xED, 0xA0, 0x80, 0x61], .notText),
            (Array("passw\nord".utf8), .controlCharacters), (Array("pass\u{0}word".utf8), .controlCharacters),
            (Array("pass\u{1B}[31m".utf8), .controlCharacters), (Array("pass\u{2028}word".utf8), .controlCharacters),
            (Array("pass\u{FFFE}word".utf8), .controlCharacters),
        ] as [([UInt8], PasswordFault)])
    func whatIsNoPasswordIsRefusedWithItsOwnReason(bytes: [UInt8], fault: PasswordFault) {
        #expect(throws: fault) { _ = try typed(bytes) }
    }

    @Test(arguments: [4, 1024])
    func boundsThemselvesAreTaken(count: Int) throws {
        _ = try typed([UInt8](repeating: 0x61, count: count))
    }

    @Test func theLongestTextOfTheMostDividedCharactersIsTaken() async throws {
        // Three bytes become four code points of eleven bytes.
        let text = String(repeating: "\u{1F82}", count: 341)
        let (hasher, again) = (
            PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom()), String(text.unicodeScalars.prefix(340))
        )
        let hash = try await hasher.hash(typed(text), of: "a")
        #expect(try await hasher.compare(typed(text), with: hash, of: "a") == .fits(isOutdated: false))
        #expect(try await hasher.compare(typed(again), with: hash, of: "a") == .doesNotFit)
    }

    @Test(arguments: [
        ("Été-à-la-m\u{E9}r!", "E\u{301}te\u{301}-a\u{300}-la-me\u{301}r!"),
        // Two marks in either order, and a letter that has both.
        ("\u{1E69}abcdef", "s\u{323}\u{307}abcdef"), ("s\u{307}\u{323}abcdef", "s\u{323}\u{307}abcdef"),
        ("\u{AC01}abc", "\u{1100}\u{1161}\u{11A8}abc"), ("\u{212B}ngström", "Ångstro\u{308}m"),
        // A blank is a blank.
        ("mon\u{A0}mot de\u{202F}passe", "mon mot de passe"),
    ])
    func onePasswordFitsHoweverAKeyboardMakesIt(left: String, right: String) async throws {
        let hasher = PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom())
        let hash = try await hasher.hash(typed(left), of: "a")
        #expect(try await hasher.compare(typed(right), with: hash, of: "a") == .fits(isOutdated: false))
    }

    @Test(arguments: [("motdepassé", "motdepasse"), ("Motdepasse", "motdepasse"), ("mot de passe", "motdepasse"), ("ﬁdele", "fidele")])
    func otherTextsStayOthers(left: String, right: String) async throws {
        let hasher = PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom())
        let hash = try await hasher.hash(typed(left), of: "a")
        #expect(try await hasher.compare(typed(right), with: hash, of: "a") == .doesNotFit)
    }
}
