import DegradedMode
import Primitives
import Testing

struct PasswordHashTests {
    private let form = "$argon2id$v=19$m=65536,t=3,p=1,keyid=AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    @Test func aHashIsReadAsItWasWritten() async throws {
        #expect(PasswordHash(form)?.text == form)
        #expect(PasswordHash(form)?.cost == .standard)
        let hash = try await PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom()).hash(typed("mot de passe"), of: "a")
        #expect(PasswordHash(hash.text) == hash)
        #expect(hash.text.hasPrefix("$argon2id$v=19$m=8,t=1,p=1,keyid="))
    }

    @Test(arguments: [
        ("m=65536", "m=4294967295"), ("m=65536", "m=4194304"), ("m=65536", "m=262145"), ("m=65536", "m=7"), ("m=65536", "m=-1"),
        ("m=65536", "m=+65536"), ("m=65536", "m=065536"), ("m=65536", "m=99999999999999999999"), ("t=3", "t=0"), ("t=3", "t=17"),
        ("p=1", "p=0"), ("p=1", "p=5"), ("p=1", "p=1,p=1"), ("t=3,", ""), ("v=19", "v=16"), ("argon2id", "argon2d"),
        ("argon2id", "argon2i"),
        ("keyid=AAAAAAAAAAA", "keyid=AAAA"), ("keyid=AAAAAAAAAAA", "keyid=AAAAAAAAAA_"), ("$AAAAAAAAAAAAAAAAAAAAAA$", "$$"),
        ("$AAAAAAAAAAAAAAAAAAAAAA$", "$AAAA$"), ("$AAAAAAAAAAAAAAAAAAAAAA$", "$AAAAAAAAAAAAAAAAAAAAA=$"), ("$argon2id", "argon2id"),
        ("AAAAAAAAAAA$", "AAAAAAAAAAA$$"),
    ])
    func aDamagedHashAsksForNothing(part: String, other: String) throws {
        #expect(PasswordHash(form.replacing(part, with: other, maxReplacements: 1)) == nil)
    }

    @Test func whatIsNoHashIsNone() {
        for text in [
            "", "$", "$$$$$", String(repeating: "$", count: 100_000), form + "A", form + "\n", form + String(repeating: "A", count: 300),
        ] {
            #expect(PasswordHash(text) == nil)
        }
    }

    @Test func theTagIsThatOfTheStandard() throws {
        // RFC 9106 §5.3.
        let key = Secret(count: 8) { $0.copyBytes(from: [UInt8](repeating: 3, count: 8)) }
        let password = Secret(count: 32) { $0.copyBytes(from: [UInt8](repeating: 1, count: 32)) }
        let tag = Argon2id().tag(
            of: password, salt: [UInt8](repeating: 2, count: 16), key: key, data: [UInt8](repeating: 4, count: 12),
            cost: try #require(HashCost(kibibytes: 32, passes: 3, lanes: 4)), length: 32)
        #expect(tag.map { Hex.encode($0) } == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")
    }
}
