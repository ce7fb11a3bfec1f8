/// How one key of a card is named in its directories and in commands.
struct KeyLayout: Hashable, Sendable {
    let role: KeyRole
    /// keyReference of PrKDF; commands carry it, or its low bits.
    let reference: UInt8
    /// Last byte of the object identifier that ties key and certificate.
    let identifier: UInt8
    let certificateFile: UInt16

    static func layout(_ role: KeyRole, in layout: CardLayout) -> KeyLayout {
        KeyLayout(
            role: role, reference: layout.keyReferences[role] ?? 0, identifier: layout.keyIdentifiers[role] ?? 0,
            certificateFile: layout.certificateFiles[role] ?? 0)
    }

    var objectIdentifier: [UInt8] { ApplicationName.contact + [identifier] }

    var keyLabel: String {
        switch role {
        case .signature: "CPS_PRIV_SIG"
        case .authentication: "CPS_PRIV_AUT"
        case .technical: "CPS_PRIV_TECH_AUT"
        }
    }

    var certificateLabel: String {
        switch role {
        case .signature: "Certificat de Signature CPS"
        case .authentication: "Certificat d'Authentification CPS"
        case .technical: "Certificat Technique CPS"
        }
    }

    /// KeyUsageFlags of PKCS#15 as a whole BIT STRING: nonRepudiation; sign and decrypt; sign.
    var usage: [UInt8] {
        switch role {
        case .signature: [0x03, 0x03, 0x06, 0x00, 0x40]
        case .authentication: [0x03, 0x02, 0x05, 0x60]
        case .technical: [0x03, 0x02, 0x05, 0x20]
        }
    }
}
