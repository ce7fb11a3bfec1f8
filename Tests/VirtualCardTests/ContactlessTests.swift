import OpenSSL
import Primitives
import Testing
import VirtualCard

struct ContactlessTests {
    @Test func theTechnicalKeySignsWithoutACode() throws {
        let card = try TestCard(.cps3Contactless)
        let message = Array("a tap".utf8)
        #expect(card.send("00 A4 09 0C 04 3F000002") == "9000")
        #expect(card.send("00 22 41 A4 06 800102 840183") == "9000")
        let answer = card.send("00 88 00 00", (Hex.decode(sha256Prefix) ?? []) + digestSHA256(message), le: "00")
        let signature = Array((Hex.decode(answer) ?? []).dropLast(2))
        #expect(try card.publicKey(.technical).verifiesSHA256(signature: signature, over: message))
    }

    @Test(arguments: [
        "00 20 00 01", "00 20 00 01 08 31323334FFFFFFFF", "00 24 00 01 10 31323334FFFFFFFF34333231FFFFFFFF",
        "00 2C 02 01 08 34333231FFFFFFFF",
    ])
    func thereIsNoCode(command: String) throws {
        #expect(try TestCard(.cps3Contactless).send(command) == "6985")
    }

    @Test func theContactApplicationCannotBeRead() throws {
        let card = try TestCard(.cps3Contactless)
        #expect(card.send("00 A4 09 0C 06 3F0000017001") == "9000")
        #expect(card.send("00 B0 00 00 01") == "6982")
        #expect(card.send("00 A4 09 0C 06 3F0000015031") == "6A82")
        _ = card.send("00 A4 09 0C 04 3F000001")
        #expect(card.send("00 22 41 A4 06 800102 840182") == "6A88")
    }

    @Test func publicFilesAndTheTechnicalCertificateAreFree() throws {
        let card = try TestCard(.cps3Contactless)
        _ = card.send("00 A4 09 0C 04 3F00D003")
        #expect(card.send("00 B0 00 00 00") == "5A0A8025000001123456789F9000")
        #expect(card.send("00 A4 09 04 06 3F000002A003 00").hasPrefix("62"))
        #expect(card.send("00 B0 00 00 04") == Hex.encode(TestCard.certificate(.technical)[..<4], uppercase: true) + "9000")
    }
}
