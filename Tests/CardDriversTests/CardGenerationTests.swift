import CardDrivers
import Primitives
import SmartCard
import Testing

struct CardGenerationTests {
    private func generation(_ atr: String) -> CardGeneration? { CardGeneration(atr: Hex.decode(atr) ?? []) }

    @Test(arguments: [
        ("3BAC00402A001225006480000310009000", CardGeneration.cps3), ("3B8F80010031B86404B0ECC17394018082900 00E", .cps3Contactless),
        ("3B9B1880010012250064800401000090 44", .cps4), ("3B9B1880010012250064800004010090 44", .cps4),
        ("3BDC18FF00001225006480000401009000", .cps4),
    ])
    func publishedAnswersAreKnown(atr: String, generation wanted: CardGeneration) {
        #expect(generation(atr) == wanted)
    }

    /// Interface bytes and the generation mark of a CPS3 are free under its mask; so are two bytes of the contactless one.
    @Test(arguments: [
        ("3B00000000001225006480FFFFFF009000", CardGeneration.cps3), ("3BFFFFFFFF0012250064800000000090 00", .cps3),
        ("3B8F80010031B864FFFFECFF7394018082900 00E", .cps3Contactless), ("3B8F80010031B8640000ECC07394018082900 00E", .cps3Contactless),
    ])
    func bytesOutsideTheMaskAreFree(atr: String, generation wanted: CardGeneration) {
        #expect(generation(atr) == wanted)
    }

    /// A CPS4 is known by every byte; one of its forms with one bit changed passes for a CPS3, whose serial number file then decides.
    @Test func everyMaskedBitCounts() throws {
        let atr = try #require(Hex.decode("3BAC00402A001225006480000310009000"))
        for index in [0, 5, 6, 7, 8, 9, 10, 14, 15, 16] {
            for bit in 0..<8 {
                var other = atr
                other[index] ^= 1 << UInt8(bit)
                #expect(CardGeneration(atr: other) == nil)
            }
        }
        let fourth = try #require(Hex.decode("3B9B18800100122500648004010000 9044"))
        for index in fourth.indices {
            var other = fourth
            other[index] ^= 0x01
            #expect(CardGeneration(atr: other) != .cps4)
        }
    }

    @Test(arguments: [
        "", "3B", "3BAC00402A0012250064800003100090", "3BAC00402A00122500648000031000900000", "3B6500002063CB6800",
        "3FAC00402A001225006480000310009000", "2B8F80010031B86404B0ECC17394018082900 00E",
        "3B000000000000000000000000000000000000000000000000000000000000000000",
    ])
    func otherCardsAreForeign(atr: String) throws {
        #expect(generation(atr) == nil)
        let channel = try TestCard(.cps3).channel()
        #expect(throws: CardError.cardForeign) { try CPSCard(channel, atr: Hex.decode(atr) ?? []) }
        #expect(channel.sent.isEmpty)
    }
}
