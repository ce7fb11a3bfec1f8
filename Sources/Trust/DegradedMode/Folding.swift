/// Text without what people change in a name to make it look different: case, accents, ligatures.
enum Folding {
    /// What one code point is folded to; nothing for a mark.
    private static func fold(_ scalar: Unicode.Scalar) -> [UInt32] {
        let lower = scalar.properties.lowercaseMapping.unicodeScalars
        return lower.filter { $0.properties.canonicalCombiningClass == .notReordered }.flatMap { scalar -> [UInt32] in
            switch scalar {
            case "œ": ["o", "e"].map { (letter: Unicode.Scalar) in letter.value }
            case "æ": ["a", "e"].map { (letter: Unicode.Scalar) in letter.value }
            case "ß": ["s", "s"].map { (letter: Unicode.Scalar) in letter.value }
            case "ø": [("o" as Unicode.Scalar).value]
            case "ł": [("l" as Unicode.Scalar).value]
            default: [scalar.value]
            }
        }
    }

    /// The letters of a public text, word by word.
    static func words(_ text: String) -> [[UInt32]] { runs(text) { $0.isAlphabetic } }

    /// Runs of code points that fit, folded.
    static func runs(_ text: String, of fits: (Unicode.Scalar.Properties) -> Bool) -> [[UInt32]] {
        let folded = text.unicodeScalars.flatMap { CanonicalForm.parts(of: $0) }.flatMap { fold($0) }
        return folded.split { value in Unicode.Scalar(value).map { !fits($0.properties) } ?? true }.map(Array.init)
    }

    static func folded(_ scalars: borrowing SecretScalars) -> SecretScalars {
        SecretScalars(room: scalars.count * 3) { room in
            var count = 0
            for index in 0..<scalars.count {
                guard let scalar = Unicode.Scalar(scalars[index]) else { continue }
                for value in fold(scalar) where count < room.count {
                    room[count] = value
                    count += 1
                }
            }
            return count
        }
    }

    /// The text without its marks, as far as code points fit.
    static func plain(_ scalars: borrowing SecretScalars, _ fits: (Unicode.Scalar.Properties) -> Bool) -> SecretScalars {
        SecretScalars(room: scalars.count) { room in
            var count = 0
            for index in 0..<scalars.count {
                let properties = scalars.properties(index)
                guard properties.canonicalCombiningClass == .notReordered, fits(properties) else { continue }
                room[count] = scalars[index]
                count += 1
            }
            return count
        }
    }

    /// Whether a sign is, or is commonly written for, a letter.
    static func stands(_ sign: UInt32, for letter: UInt32) -> Bool {
        guard sign != letter else { return true }
        guard let sign = Unicode.Scalar(sign), let letter = Unicode.Scalar(letter) else { return false }
        let letters: String =
            switch sign {
            case "4", "@": "a"
            case "8": "b"
            case "(": "c"
            case "3", "€": "e"
            case "6", "9": "g"
            case "1", "!", "|": "il"
            case "0": "o"
            case "5", "$": "s"
            case "7", "+": "t"
            case "2": "z"
            default: ""
            }
        return letters.unicodeScalars.contains(letter)
    }
}
