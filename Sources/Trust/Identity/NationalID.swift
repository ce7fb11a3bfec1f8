internal import Primitives

/// The national identifier of a person in the health sector (PS_IdNat, OID 1.2.250.1.71.4.2.1): a type digit, then an identifier of
/// that type. Kept exactly as the certificate writes it, slashes and leading zeros included.
package struct NationalID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// What the identifier after the type digit is.
    package enum Kind: String, Hashable, Sendable {
        case adeli
        /// ADELI number of a practice, `/`, local number.
        case adeliPractice
        /// Obsolete.
        case drass
        /// FINESS number, `/`, local number.
        case finess
        /// SIREN number, `/`, local number.
        case siren
        /// SIRET number, `/`, local number.
        case siret
        /// RPPS number of a practice, `/`, local number.
        case rppsPractice
        case rpps
        case student
        /// A type that the table of 2020 does not have, and identities of test origins.
        case other
    }

    /// No published length; longer ones are refused.
    package static let lengthLimit = 128

    /// `nil` when empty, too long, or holding anything but visible characters.
    package init?(_ text: String) {
        guard (2...Self.lengthLimit).contains(text.utf8.count), text.isVisible else { return nil }
        self.text = text
    }

    /// An identifier as a person types it: an RPPS number alone stands for its national identifier. `nil` also for one whose key is
    /// wrong: what a card says is only warned of, what is typed can be typed again.
    package init?(typed text: String) {
        let isNumber = text.utf8.count == 11 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        self.init(isNumber ? "8\(text)" : text)
        if let number = rpps, !CheckDigits.isRPPS(number) { return nil }
    }

    package var kind: Kind {
        switch text.first {
        case "0": .adeli
        case "1": .adeliPractice
        case "2": .drass
        case "3": .finess
        case "4": .siren
        case "5": .siret
        case "6": .rppsPractice
        case "8": .rpps
        case "9": .student
        default: .other
        }
    }

    /// The 11 digits of the RPPS number; `nil` for another kind. The check digit is not looked at, see ``CheckDigits``.
    package var rpps: String? {
        let number = text.dropFirst()
        guard kind == .rpps, number.utf8.count == 11, number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return String(number)
    }

    package var description: String { text }
}
