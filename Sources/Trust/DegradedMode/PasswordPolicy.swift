/// Which passwords are taken, apart from dictionaries and history.
///
/// The classes are the examples of CNIL 2022-100 for a password alone (case 1), taken as they stand: a bare count of bits would refuse
/// the first of them. Sixteen characters for administrators are the default of ANSSI's MonServiceSécurisé.
package enum PasswordPolicy {
    /// Characters where capitals, small letters, digits and others are all there.
    package static let lengthOfFourClasses = 12
    /// Characters where capitals, small letters and digits are there.
    package static let lengthOfThreeClasses = 14
    /// Different words of ``lettersOfAWord`` letters or more.
    package static let words = 7
    package static let lettersOfAWord = 2
    /// Letters of such a phrase, all words together.
    package static let lettersOfAPhrase = 20
    /// Characters for who administers accounts.
    package static let lengthForAdministration = 16

    /// The first fault that it has for this person; `nil` for none.
    package static func fault(of password: Password, for subject: PasswordSubject) -> PasswordFault? {
        let shape = PasswordShape(password.scalars)
        if shape.isDigitsOnly { return .pinLike }
        guard shape.isOfAClass else { return .tooSimple }
        if subject.isAdministrator, shape.characters < lengthForAdministration { return .tooShortForAdministration }
        return subject.isIn(password.scalars) ? .identity : nil
    }
}

/// What a password is made of. A letter with its marks is one character.
private struct PasswordShape {
    private(set) var characters = 0
    private var hasUpper = false
    private var hasLower = false
    private var hasDigit = false
    private var hasOther = false
    /// Whether there is anything but digits and separators.
    private var hasText = false
    private var words = 0
    private var letters = 0

    var isDigitsOnly: Bool { hasDigit && !hasText }

    var isOfAClass: Bool {
        let isOfThree = hasUpper && hasLower && hasDigit
        return isOfThree && hasOther && characters >= PasswordPolicy.lengthOfFourClasses
            || isOfThree && characters >= PasswordPolicy.lengthOfThreeClasses
            || words >= PasswordPolicy.words && letters >= PasswordPolicy.lettersOfAPhrase
    }

    init(_ scalars: borrowing SecretScalars) {
        // Where the words are, by their place: a set of the words would be copies.
        var found: [Range<Int>] = []
        var start: Int?
        for index in 0..<scalars.count {
            let properties = scalars.properties(index)
            let isMark = properties.canonicalCombiningClass != .notReordered
            if !isMark { characters += 1 }
            switch properties.generalCategory {
            case .uppercaseLetter, .titlecaseLetter: hasUpper = true
            case .lowercaseLetter: hasLower = true
            case .decimalNumber: hasDigit = true
            default: if !isMark { hasOther = true }
            }
            if properties.isAlphabetic { hasText = true }
            if properties.isAlphabetic || isMark {
                start = start ?? index
            } else if let first = start {
                found.append(first..<index)
                start = nil
            }
        }
        if let first = start { found.append(first..<scalars.count) }
        count(found, in: scalars)
    }

    private mutating func count(_ found: [Range<Int>], in scalars: borrowing SecretScalars) {
        var counted: [Range<Int>] = []
        for word in found {
            let size = Self.letters(in: word, of: scalars)
            guard size >= PasswordPolicy.lettersOfAWord, !Self.holds(counted, word, in: scalars) else { continue }
            counted.append(word)
            letters += size
        }
        words = counted.count
    }

    private static func letters(in word: Range<Int>, of scalars: borrowing SecretScalars) -> Int {
        var letters = 0
        for index in word where scalars.properties(index).canonicalCombiningClass == .notReordered { letters += 1 }
        return letters
    }

    /// Whether the word was there before, in capitals or not.
    private static func holds(_ words: [Range<Int>], _ word: Range<Int>, in scalars: borrowing SecretScalars) -> Bool {
        for other in words where other.count == word.count {
            var isSame = true
            for (left, right) in zip(other, word)
            where scalars.properties(left).lowercaseMapping != scalars.properties(right).lowercaseMapping { isSame = false }
            if isSame { return true }
        }
        return false
    }
}
