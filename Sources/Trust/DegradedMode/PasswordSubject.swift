/// Whom a password is for: what it must not be built from, and how strong it has to be.
package struct PasswordSubject: Hashable, Sendable {
    /// Whether the person administers accounts, or may come to.
    package let isAdministrator: Bool
    /// Folded letters, four or more: refused wherever they stand.
    private let words: Set<[UInt32]>
    /// Three letters: refused as a word of their own, since longer words hold them by chance.
    private let shortWords: Set<[UInt32]>

    /// Digits of an identifier in a row that are refused.
    private static let digitsInARow = 6

    /// - Parameters:
    ///   - names: of the person and of where they work.
    ///   - identifiers: national identifier, RPPS number, number of the structure, id of the account.
    package init(names: [String], identifiers: [String], isAdministrator: Bool = false) {
        self.isAdministrator = isAdministrator
        var words: Set<[UInt32]> = []
        var shortWords: Set<[UInt32]> = []
        let parts = names.flatMap { Folding.words($0) }
        // Names too short to be looked for alone are together what people write: `liwu`.
        let joined = parts.count == 2 ? [parts[0] + parts[1], parts[1] + parts[0]] : []
        for word in parts + joined + identifiers.flatMap({ Self.pieces($0) }) {
            for form in [word, word.reversed()] {
                if form.count >= 4 { words.insert(form) } else if form.count == 3 { shortWords.insert(form) }
            }
        }
        self.words = words
        self.shortWords = shortWords
    }

    /// An identifier of letters as it is; of one of digits every few digits in a row.
    private static func pieces(_ identifier: String) -> [[UInt32]] {
        let text = identifier.hasPrefix("local:") ? String(identifier.dropFirst(6)) : identifier
        return Folding.runs(text) { $0.isAlphabetic || $0.numericType == .decimal }.flatMap { run -> [[UInt32]] in
            guard run.allSatisfy({ (0x30...0x39).contains($0) }) else { return [run] }
            guard run.count > digitsInARow else { return [run] }
            return (0...(run.count - digitsInARow)).map { Array(run[$0..<($0 + digitsInARow)]) }
        }
    }

    /// Whether the password is built from one of them: straight or backwards, in any case, with or without accents, with digits and signs
    /// for letters, with signs in between.
    func isIn(_ scalars: borrowing SecretScalars) -> Bool {
        let folded = Folding.folded(scalars)
        for start in 0..<folded.count {
            for word in words where Self.end(of: word, at: start, in: folded) != nil { return true }
            for word in shortWords {
                guard let end = Self.end(of: word, at: start, in: folded) else { continue }
                if !Self.isLetter(folded, start - 1), !Self.isLetter(folded, end) { return true }
            }
        }
        return false
    }

    private static func isLetter(_ folded: borrowing SecretScalars, _ index: Int) -> Bool {
        index >= 0 && index < folded.count && folded.properties(index).isAlphabetic
    }

    /// Where the word ends that begins at `start`; `nil` when it does not stand there.
    private static func end(of word: [UInt32], at start: Int, in folded: borrowing SecretScalars) -> Int? {
        var index = start
        for (place, letter) in word.enumerated() {
            while index < folded.count, !Folding.stands(folded[index], for: letter) {
                // Signs in between are passed over, but not before the word.
                let properties = folded.properties(index)
                guard place > 0, !properties.isAlphabetic, properties.numericType != .decimal else { return nil }
                index += 1
            }
            guard index < folded.count else { return nil }
            index += 1
        }
        return index
    }
}
