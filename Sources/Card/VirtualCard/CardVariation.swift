internal import Primitives

/// What `cps-card new --vary` changes, for people.
package enum CardVariation {
    /// One line a dimension.
    package static let help = [
        "identifiers of the application, its directories, certificates and free data",
        "references of PIN, PUK and keys; object identifiers; how PrKDF writes a key's reference",
        "length, padding byte and stored length of the PIN, or no padding; tries and uses of the PUK",
        "EF.DIR: one application or two, their order, path absolute, relative or missing (then by name)",
        "directories: order of entries, one file or two, paths relative, absolute or with bounds, long lengths, labels, proper or",
        "  invalid BIT STRINGs, padding behind the last entry and behind certificates",
        "EF_ACTUA present or absent (CPS3)",
        "SELECT tells the whole control template, the size under 80 or 81, or nothing",
        "a READ past the end: 6Cxx, 6282 or silence; pieces of GET RESPONSE",
        "wrong reference: 6A88, 6A82 or 6A86; wrong code: 63Cx or 6300; last try: 63C0 or 6983",
        "VERIFY without data refused (CPS3: only the PIN's data object tells the tries)",
        "codes that live and die with the application; a signature of nothing but a DigestInfo",
        "signatures of the signature key until it wants the PIN again: any, one, two; whether PrKDF says so (userConsent)",
        "legacy volume on class A0 (CPS2ter); applet that answers 6985 until freed through the issuer domain (CPS4)",
    ]

    /// What is different on this card, in words; nothing for the standard one.
    package static func differences(of card: CardDescription) -> [String] {
        guard card.variation != nil else { return [] }
        let (own, known) = (card.layout, CardLayout.standard(card.generation))
        let names = zip(Mirror(reflecting: own).children, Mirror(reflecting: known).children)
        return names.compactMap { mine, theirs in
            let (value, other) = (text(mine.value), text(theirs.value))
            return value == other ? nil : "\(mine.label ?? "?"): \(value)"
        }
    }

    private static func text(_ value: Any) -> String {
        switch value {
        case let number as UInt16: Hex.encode(bytes(number))
        case let list as [UInt8]: list.isEmpty ? "none" : "\(list.count) of \(Hex.encode(list.prefix(1)))"
        case let files as [KeyRole: UInt16]: KeyRole.allCases.compactMap { files[$0].map { Hex.encode(bytes($0)) } }.joined(separator: " ")
        case let references as [KeyRole: UInt8]:
            KeyRole.allCases.compactMap { references[$0].map { Hex.encode([$0]) } }.joined(separator: " ")
        default: "\(value)"
        }
    }
}
