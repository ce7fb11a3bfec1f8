package import OpenSSL

/// The person and the card that certificates are issued for.
package struct TestHolder: Hashable, Sendable {
    package let familyName: String
    package let givenName: String
    /// PS_IdNat: one type digit and the identifier, `8` and the RPPS number for most.
    package let nationalID: String
    /// Code of table G15.
    package let profession: UInt64
    /// Codes of table R01; doctors have one.
    package let knowHow: [String]
    /// The ten digits printed on the card.
    package let cardNumber: String

    package init(
        familyName: String, givenName: String, nationalID: String, profession: UInt64, knowHow: [String]? = nil, cardNumber: String
    ) {
        self.familyName = familyName
        self.givenName = givenName
        self.nationalID = nationalID
        self.profession = profession
        self.knowHow = knowHow ?? (profession == 10 ? ["SM26"] : [])
        self.cardNumber = cardNumber
    }

    /// `C, title` and one multi-valued relative name with the national identifier, the surname and the given name.
    package var distinguishedName: DistinguishedName {
        DistinguishedName([
            [.init(ObjectIdentifier.country, .printableString, "FR")],
            [.init(ObjectIdentifier.title, .utf8String, Self.title(ofProfession: profession))],
            [
                .init(ObjectIdentifier.commonName, .utf8String, nationalID),
                .init(ObjectIdentifier.surname, .utf8String, familyName),
                .init(ObjectIdentifier.givenName, .utf8String, givenName),
            ],
        ])
    }

    /// The private extensions of a card certificate: what the card is and what its holder does.
    var privateExtensions: [CertificateExtension] {
        var extensions = [
            CertificateExtension(ObjectIdentifier.productCategory, DER.octetString([0x80])),
            CertificateExtension(ObjectIdentifier.cardType, DER.integer(0)),
            CertificateExtension(ObjectIdentifier.cardIdentifier, DER.printableString("8025000001/\(cardNumber)")),
            CertificateExtension(ObjectIdentifier.profession, DER.integer(profession)),
        ]
        if !knowHow.isEmpty {
            let codes = DER.tagged(0x30, knowHow.flatMap { DER.utf8String($0) })
            extensions.append(CertificateExtension(ObjectIdentifier.knowHow, codes))
        }
        return extensions
    }

    /// The label of a profession as certificates write it; an unknown code keeps its number.
    package static func title(ofProfession code: UInt64) -> String { titles[code] ?? "Profession \(code)" }

    private static let titles: [UInt64: String] = [
        10: "Médecin", 21: "Pharmacien", 26: "Audioprothésiste", 28: "Opticien-Lunetier", 31: "Assistant dentaire",
        32: "Physicien médical", 35: "Aide-soignant", 36: "Ambulancier", 40: "Chirurgien-Dentiste", 50: "Sage-Femme",
        60: "Infirmier", 69: "Infirmier psychiatrique", 70: "Masseur-Kinésithérapeute", 80: "Pédicure-Podologue",
        81: "Orthoprothésiste", 82: "Podo-Orthésiste", 83: "Orthopédiste-Orthésiste", 84: "Oculariste", 85: "Epithésiste",
        86: "Technicien de laboratoire médical", 91: "Orthophoniste", 92: "Orthoptiste", 93: "Psychologue",
        94: "Ergothérapeute", 95: "Diététicien", 96: "Psychomotricien", 98: "Manipulateur ERM",
    ]
}
