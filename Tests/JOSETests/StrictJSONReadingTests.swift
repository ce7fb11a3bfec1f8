import Foundation
import JOSE
import Primitives
import Testing

/// What our reader takes, another reads the same way: two readers never see two meanings.
struct StrictJSONReadingTests {
    /// A sequence that is the same in every run (Knuth's MMIX).
    private struct Sequence: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 32 | state << 32
        }
    }

    private static let seeds = [
        #"{"alg":"ES256","jwk":{"kty":"EC","x":"a_-"},"n":[1,-20,null,true,false],"t":"\u00e9\n\/"}"#,
        #"[{"a":{}},[],[[0]],"",{"b":"\ud83d\ude00","c":"c"}, 9223372036854775807 ]"#,
    ].map { Array($0.utf8) }
    private static let alphabet = Array(#"{}[]",:\/u0129abtrfne-+ .E"#.utf8)

    private static func changed(_ bytes: [UInt8], _ random: inout Sequence) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let letter = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = letter
            case 1: bytes.insert(letter, at: place)
            default: bytes.remove(at: place)
            }
        }
        return bytes
    }

    @Test func textThatIsTakenIsReadAlikeByAnother() {
        var random = Sequence(state: 7)
        var taken = 0
        for round in 0..<6000 {
            let bytes = Self.changed(Self.seeds[round % 2], &random)
            // Fractions are cut off here and refused there.
            guard !bytes.contains(UInt8(ascii: ".")), let value = StrictJSON.value(bytes) else { continue }
            taken += 1
            let other = try? JSONDecoder().decode(JSON.self, from: Data(bytes))
            #expect(other == value, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(taken > 500)
    }
}
