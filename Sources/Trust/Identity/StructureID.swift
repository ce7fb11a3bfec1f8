internal import Primitives

/// The national identifier of a structure (Struct_IdNat, OID 1.2.250.1.71.4.2.2): a type digit of table G07, then an identifier of
/// that type. Kept exactly as it was written.
package struct StructureID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// What the identifier after the type digit is.
    package enum Kind: String, Hashable, Sendable {
        /// ADELI number of a practice.
        case adeliPractice
        case finess
        case siren
        case siret
        /// RPPS number of a practice, with rank and key.
        case rppsPractice
        /// What the table of 2020 does not have, such as the technical identifiers of the national directory.
        case other
    }

    package static let lengthLimit = 64

    /// `nil` when empty, too long, or holding anything but visible characters.
    package init?(_ text: String) {
        guard (2...Self.lengthLimit).contains(text.utf8.count), text.isVisible else { return nil }
        self.text = text
    }

    package var kind: Kind {
        switch text.first {
        case "0": .adeliPractice
        case "1": .finess
        case "2": .siren
        case "3": .siret
        case "4": .rppsPractice
        default: .other
        }
    }

    /// What follows the type digit; the whole text where there is none.
    package var number: Substring { kind == .other ? text[...] : text.dropFirst() }

    /// Whether its check digit is right; `true` for a kind that has none.
    package var hasRightKey: Bool {
        switch kind {
        case .finess: CheckDigits.isFINESS(number)
        case .siren: CheckDigits.isSIREN(number)
        case .siret: CheckDigits.isSIRET(number)
        case .rppsPractice: CheckDigits.isPracticeRPPS(number)
        case .adeliPractice, .other: true
        }
    }

    package var description: String { text }
}
