@_spi(_Unicode) import Swift

/// Brings typed text to the one form that passwords are compared in.
enum CanonicalForm {
    /// A character decomposes into so many at most (U+1F82 and its like: 4).
    private static let mostParts = 4

    /// - Throws: `notText`, `controlCharacters`.
    static func scalars(_ utf8: UnsafeRawBufferPointer) throws(PasswordFault) -> SecretScalars {
        var fault: PasswordFault?
        let decomposed = SecretScalars(room: utf8.count * mostParts) { room in
            var count = 0
            var decoder = Unicode.UTF8()
            var rest = utf8.makeIterator()
            decoding: while fault == nil {
                switch decoder.decode(&rest) {
                case .emptyInput: break decoding
                case .error: fault = .notText
                case .scalarValue(let scalar):
                    if !isAllowed(scalar) { fault = .controlCharacters }
                    for part in parts(of: scalar) where count < room.count {
                        room[count] = part.value
                        count += 1
                    }
                }
            }
            order(UnsafeMutableBufferPointer(rebasing: room[..<count]))
            return count
        }
        if let fault { throw fault }
        return decomposed
    }

    /// What can be typed and seen. Private and unassigned code points are let through: their meaning may come with a later Unicode, and
    /// then the same bytes must still fit.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: !scalar.properties.isNoncharacterCodePoint
        }
    }

    /// One code point taken apart. A text of one code point lies inside the value itself, so that no memory is left to wipe.
    static func parts(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        if scalar.isASCII { return [scalar] }
        // The blank that French typography and some keyboards put in unasked must not make another password (RFC 8265 §4.2.2).
        if scalar.properties.generalCategory == .spaceSeparator { return [" "] }
        return Array(String(scalar)._nfd)
    }

    /// The canonical ordering (Unicode §3.11, D109): marks of different classes after one letter stand in the order of their classes.
    private static func order(_ scalars: UnsafeMutableBufferPointer<UInt32>) {
        func rank(_ index: Int) -> UInt8 { Unicode.Scalar(scalars[index])?.properties.canonicalCombiningClass.rawValue ?? 0 }
        for index in scalars.indices.dropFirst() {
            var place = index
            while place > 0, rank(place) != 0, rank(place - 1) > rank(place) {
                scalars.swapAt(place, place - 1)
                place -= 1
            }
        }
    }
}
