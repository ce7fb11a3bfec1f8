import OpenSSL
import Primitives
import Testing
import VirtualCard

struct CPS3SignatureTests {
    private let message = Array("a challenge".utf8)
    private var digestInfo: [UInt8] { (Hex.decode(sha256Prefix) ?? []) + digestSHA256(message) }

    private func ready(verified: Bool = true) throws -> TestCard {
        let card = try TestCard(.cps3)
        _ = card.send("00 A4 09 0C 04 3F000001")
        if verified { _ = card.send("00 20 00 01 08 31323334FFFFFFFF") }
        return card
    }

    @Test func authenticationComesInTwoPieces() throws {
        let card = try ready()
        #expect(card.send("00 22 41 A4 06 800102 840182") == "9000")
        #expect(card.send("00 88 00 00", digestInfo) == "6100")
        let first = card.send("00 C0 00 00 E7")
        #expect(first.count == 2 * (231 + 2) && first.hasSuffix("6119"))
        let second = card.send("00 C0 00 00 19")
        #expect(second.count == 2 * (25 + 2) && second.hasSuffix("9000"))
        let signature = (Hex.decode(first)?.dropLast(2) ?? []) + (Hex.decode(second)?.dropLast(2) ?? [])
        #expect(try card.publicKey(.authentication).verifiesSHA256(signature: Array(signature), over: message))
    }

    @Test func aPieceTooLongIsCorrected() throws {
        let card = try ready()
        _ = card.send("00 22 41 A4 06 840182 800102")
        _ = card.send("00 88 00 00", digestInfo)
        #expect(card.send("00 C0 00 00 00") == "6CE7")
        _ = card.send("00 C0 00 00 E7")
        #expect(card.send("00 C0 00 00 E7") == "6C19")
    }

    @Test func theSignatureKeySignsABareHash() throws {
        let card = try ready()
        #expect(card.send("00 22 41 B6 06 800142 840181") == "9000")
        let signature = card.fetch(card.send("00 2A 9E 9A", digestSHA256(message)))
        #expect(try card.publicKey(.signature).verifiesSHA256(signature: signature ?? [], over: message))
    }

    @Test func theCardFinishesAHashItself() throws {
        let card = try ready()
        #expect(card.send("00 22 41 AA 03 800140") == "9000")
        #expect(card.send("00 2A 90 A0", [0x90, 0x00, 0x80, UInt8(message.count)] + message) == "9000")
        _ = card.send("00 22 41 B6 06 800142 840181")
        let signature = card.fetch(card.send("00 2A 9E 9A 00"))
        #expect(try card.publicKey(.signature).verifiesSHA256(signature: signature ?? [], over: message))
        #expect(card.send("00 2A 9E 9A 00") == "6985")
    }

    @Test func aPartialHashIsResumed() throws {
        // Chaining value of SHA-256 after the 64 bytes 00 01 .. 3F.
        let card = try ready()
        let state = "fc99a2df88f42a7a7bb9d18033cdc6a20256755f9d5b9a5044a9cc315abe84a7"
        let whole = (0..<64).map { UInt8($0) } + message
        _ = card.send("00 22 41 AA 03 800140")
        let chaining = (Hex.decode(state) ?? []) + [0, 0, 0, 0, 0, 0, 0x02, 0x00]
        #expect(card.send("00 2A 90 A0", [0x90, 0x28] + chaining + [0x80, UInt8(message.count)] + message) == "9000")
        _ = card.send("00 22 41 B6 06 800142 840181")
        let signature = card.fetch(card.send("00 2A 9E 9A 00"))
        #expect(try card.publicKey(.signature).verifiesSHA256(signature: signature ?? [], over: whole))
    }

    @Test func wrongCryptogramsAreRefused() throws {
        let card = try ready()
        _ = card.send("00 22 41 B8 06 80011A 840182")
        let cryptogram = [0x81] + [UInt8](repeating: 0x00, count: 255) + [0x01]
        #expect(card.send("10 2A 80 86", Array(cryptogram[..<255])) == "9000")
        #expect(card.send("00 2A 80 86", Array(cryptogram[255...])) == "6A80")
        #expect(card.send("00 2A 80 86", [0x81, 0x01]) == "6700")
    }

    @Test(arguments: [
        "00 22 41 A4 06 800102 840182 | 00 88 00 00 04 01020304",
        "00 22 41 B6 06 800142 840181 | 00 2A 9E 9A 20 0000000000000000000000000000000000000000000000000000000000000000",
        "00 22 41 B8 06 80011A 840182 | 00 2A 80 86 02 8101",
    ])
    func keysWorkOnlyAfterThePIN(commands: String) throws {
        let card = try ready(verified: false)
        let answers = commands.split(separator: "|").map { card.send(String($0)) }
        #expect(answers == ["9000", "6982"])
    }

    @Test(arguments: [
        ("00 22 41 A4 06 800102 840185", "6A88"), ("00 22 41 A4 06 800103 840182", "6A80"), ("00 22 41 A4 03 840182", "6A80"),
        ("00 22 41 A4 03 800102", "6A80"), ("00 22 41 AA 03 800141", "6A80"), ("00 22 41 BB 06 800102 840182", "6A86"),
        ("00 22 F1 A4 06 800102 840182", "6A86"), ("00 88 00 00 04 01020304", "6985"), ("00 2A 9E 9A 00", "6985"),
        ("00 2A 90 A0 04 90008000", "6985"), ("00 2A 11 22 00", "6A86"), ("00 88 01 00 04 01020304", "6A86"),
    ])
    func wrongEnvironmentsAreRefused(command: String, answer: String) throws {
        #expect(try ready().send(command) == answer)
    }

    @Test func aKeyIsUnknownOutsideItsDirectory() throws {
        let card = try TestCard(.cps3)
        #expect(card.send("00 22 41 A4 06 800102 840182") == "6A88")
    }

    @Test func leavingTheDirectoryForgetsTheEnvironment() throws {
        let card = try ready()
        _ = card.send("00 22 41 A4 06 800102 840182")
        _ = card.send("00 A4 09 0C 02 3F00")
        _ = card.send("00 A4 09 0C 04 3F000001")
        #expect(card.send("00 88 00 00", digestInfo) == "6985")
    }

    @Test func keysRefuseTheOthersWork() throws {
        let card = try ready()
        _ = card.send("00 22 41 A4 06 800102 840181")
        #expect(card.send("00 88 00 00", digestInfo) == "6985")
        _ = card.send("00 22 41 B6 06 800142 840182")
        #expect(card.send("00 2A 9E 9A", digestSHA256(message)) == "6985")
    }

    @Test func inputIsAtMostFortyPercentOfTheModulus() throws {
        let card = try ready()
        _ = card.send("00 22 41 A4 06 800102 840182")
        #expect(card.send("00 88 00 00", [UInt8](repeating: 1, count: 103)) == "6700")
        #expect(card.send("00 88 00 00", [UInt8](repeating: 1, count: 102)) == "6100")
    }

    @Test func aCorruptedSignatureDoesNotVerify() throws {
        let card = try ready()
        card.card.setCorruptsSignatures(true)
        _ = card.send("00 22 41 A4 06 800102 840182")
        let signature = card.fetch(card.send("00 88 00 00", digestInfo)) ?? []
        #expect(signature.count == 256)
        #expect(try !card.publicKey(.authentication).verifiesSHA256(signature: signature, over: message))
    }

    @Test func randomNumbersHaveTheWantedLength() throws {
        let card = try TestCard(.cps3)
        let (first, second) = (card.send("00 84 00 00 08"), card.send("00 84 00 00 08"))
        #expect(first.count == 20 && first != second)
        #expect(card.send("00 84 01 00 08") == "6A86")
    }
}
