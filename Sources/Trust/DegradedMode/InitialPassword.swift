package import Primitives

/// A password that the agent makes for somebody else's first login: to be read aloud and typed on any keyboard.
///
/// Fifteen syllables of a consonant and a vowel, a blank after every third one: 83 bits. All its letters lie in one place on AZERTY and
/// QWERTY, sound alike nowhere, and need no shift.
package enum InitialPassword {
    /// How long it can be used, in seconds.
    package static let life: Int64 = 72 * 3600

    private static let consonants = Array("bdfjklnprstv".utf8)
    private static let vowels = Array("eiou".utf8)
    private static let syllables = 15
    private static let syllablesOfAGroup = 3

    package static func make(random: any RandomSource) -> Secret {
        let kinds = consonants.count * vowels.count
        // Larger bytes would make the first syllables likelier than the others.
        let fair = 256 - 256 % kinds
        let blanks = syllables / syllablesOfAGroup - 1
        return Secret(count: 2 * syllables + blanks) { text in
            var (place, made) = (0, 0)
            while made < syllables {
                var bytes = random.bytes(1)
                defer { wipe(&bytes) }
                guard let byte = bytes.first, Int(byte) < fair else { continue }
                if made > 0, made % syllablesOfAGroup == 0 {
                    text[place] = UInt8(ascii: " ")
                    place += 1
                }
                let syllable = Int(byte) % kinds
                text[place] = consonants[syllable / vowels.count]
                text[place + 1] = vowels[syllable % vowels.count]
                (place, made) = (place + 2, made + 1)
            }
        }
    }
}
