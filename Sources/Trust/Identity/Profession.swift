/// A health profession as a card names it: a code of table G15 (OID 1.2.250.1.71.1.2.7).
package struct Profession: Hashable, Sendable {
    /// Decimal, as the certificate gives it, also when no table knows it.
    package let code: String

    package init(code: String) { self.code = code }

    /// French label of the table; `nil` for a code it does not have.
    package var label: String? { Self.regulated[code] ?? Self.deprecated[code] }

    /// What the code allows to conclude. Only a current regulated profession carries a role.
    package enum Standing: Hashable, Sendable {
        case regulated
        /// Withdrawn from the table, still on issued cards.
        case deprecated
        case unknown
    }

    package var standing: Standing {
        if Self.regulated[code] != nil { .regulated } else if Self.deprecated[code] != nil { .deprecated } else { .unknown }
    }

    /// The code where it stands for a role; `nil` for a deprecated or unknown one: a known person without a role.
    package var role: String? { standing == .regulated ? code : nil }

    /// Table G15 of 2025-03-28.
    private static let regulated = [
        "10": "Médecin", "21": "Pharmacien", "26": "Audioprothésiste", "28": "Opticien-lunetier", "31": "Assistant dentaire",
        "32": "Physicien médical", "40": "Chirurgien-dentiste", "50": "Sage-femme", "60": "Infirmier", "69": "Infirmier psychiatrique",
        "70": "Masseur-kinésithérapeute", "80": "Pédicure-podologue", "81": "Orthoprothésiste", "82": "Podo-orthésiste",
        "83": "Orthopédiste-orthésiste", "84": "Oculariste", "85": "Épithésiste", "86": "Technicien de laboratoire médical",
        "91": "Orthophoniste", "92": "Orthoptiste", "94": "Ergothérapeute", "95": "Diététicien", "96": "Psychomotricien",
        "98": "Manipulateur ERM",
    ]

    /// Withdrawn from the table on 2024-12-13, and 93, which only cards use.
    private static let deprecated = [
        "35": "Aide-soignant", "36": "Ambulancier", "37": "Auxiliaire de puériculture", "38": "Préparateur en pharmacie",
        "39": "Préparateur en pharmacie hospitalière", "93": "Psychologue",
    ]

    /// French label of a profession in training, table G16 (OID 1.2.250.1.71.1.2.8); `nil` for a code it does not have.
    package static func trainingLabel(code: String) -> String? {
        switch code {
        case "10": "Médecin en formation"
        case "21": "Pharmacien en formation"
        case "40": "Chirurgien-dentiste en formation"
        case "50": "Sage-femme en formation"
        default: nil
        }
    }
}
