package import OpenSSL

/// The person and the card that certificates are issued for.
package struct TestHolder: Hashable, Sendable {
    package let familyName: String
    package let givenName: String
    /// PS_IdNat: one type digit and the identifier, `8` and the RPPS number for most.
    package let nationalID: String
    /// Code of table G15; of table G16 for who is in training; `nil` for staff.
    package let profession: UInt64?
    package let family: TestFamily
    /// The body that staff belong to.
    package let body: TestBody?
    /// Whether the card bears a name; else a pseudonym.
    package let isNominative: Bool
    /// Codes of table R01; doctors have one.
    package let knowHow: [String]
    /// The ten digits printed on the card.
    package let cardNumber: String

    package init(
        familyName: String, givenName: String, nationalID: String, profession: UInt64?, knowHow: [String]? = nil, cardNumber: String,
        family: TestFamily = .cps, body: TestBody? = nil, isNominative: Bool = true
    ) {
        self.familyName = familyName
        self.givenName = givenName
        self.nationalID = nationalID
        self.profession = profession
        self.family = family
        self.body = body
        self.isNominative = isNominative
        self.knowHow = knowHow ?? (profession == 10 && family == .cps ? ["SM26"] : [])
        self.cardNumber = cardNumber
    }

    /// `C, title` and one multi-valued relative name with the national identifier, the surname and the given name.
    ///
    /// On cards of staff the body stands before it; one without a name has a pseudonym, and no surname or given name at all.
    package var distinguishedName: DistinguishedName {
        var names = [[DistinguishedName.Attribute(ObjectIdentifier.country, .printableString, "FR")]]
        if let body {
            names.append([.init(ObjectIdentifier.state, .utf8String, body.department)])
            names.append([.init(ObjectIdentifier.organisation, .utf8String, body.name)])
            names.append([.init(ObjectIdentifier.organisationalUnit, .utf8String, body.structureID)])
        }
        if let title { names.append([.init(ObjectIdentifier.title, .utf8String, title)]) }
        guard isNominative else {
            names.append([.init(ObjectIdentifier.pseudonym, .utf8String, familyName)])
            names.append([.init(ObjectIdentifier.commonName, .utf8String, nationalID)])
            return DistinguishedName(names)
        }
        names.append([
            .init(ObjectIdentifier.commonName, .utf8String, nationalID), .init(ObjectIdentifier.surname, .utf8String, familyName),
            .init(ObjectIdentifier.givenName, .utf8String, givenName),
        ])
        return DistinguishedName(names)
    }

    private var title: String? {
        switch family {
        case .cps: profession.map { Self.title(ofProfession: $0) }
        case .cpf: profession.map { "\(Self.title(ofProfession: $0)) en formation" }
        case .cpe, .cpa: isNominative ? nil : "Carte de service santé ou social"
        }
    }

    /// The private extensions of a card certificate: what the card is and what its holder does.
    var privateExtensions: [CertificateExtension] {
        var extensions = [
            CertificateExtension(ObjectIdentifier.productCategory, DER.octetString([0x80])),
            CertificateExtension(ObjectIdentifier.cardType, DER.integer(family.code)),
            CertificateExtension(ObjectIdentifier.cardIdentifier, DER.printableString("8025000001/\(cardNumber)")),
        ]
        if let profession {
            let identifier = family == .cpf ? ObjectIdentifier.training : ObjectIdentifier.profession
            extensions.append(CertificateExtension(identifier, DER.integer(profession)))
        }
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
