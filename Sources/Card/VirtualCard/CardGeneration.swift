/// The kinds of CPS card that can be played.
package enum CardGeneration: String, CaseIterable, Sendable {
    /// IAS-ECC chip through its contacts: T=0.
    case cps3
    /// ChipDoc applet on logical channel 1: T=1.
    case cps4
    /// The same chip as ``cps3`` over the air: no code, a technical key only.
    case cps3Contactless = "cps3-contactless"

    /// Answer to reset (ISO/IEC 7816-3 §8), or what PC/SC shows in its place for a contactless card.
    package var atr: [UInt8] {
        switch self {
        case .cps3:
            [0x3B, 0xAC, 0x00, 0x40, 0x2A, 0x00, 0x12, 0x25, 0x00, 0x64, 0x80, 0x00, 0x03, 0x10, 0x00, 0x90, 0x00]
        case .cps4:
            [0x3B, 0x9B, 0x18, 0x80, 0x01, 0x00, 0x12, 0x25, 0x00, 0x64, 0x80, 0x04, 0x01, 0x00, 0x00, 0x90, 0x44]
        case .cps3Contactless:
            [
                0x3B, 0x8F, 0x80, 0x01, 0x00, 0x31, 0xB8, 0x64, 0x04, 0xB0, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0x82, 0x90, 0x00,
                0x0E,
            ]
        }
    }

    /// The keys that this kind of card holds, each with its certificate.
    package var keyRoles: [KeyRole] {
        switch self {
        case .cps3, .cps4: [.authentication, .signature]
        case .cps3Contactless: [.technical]
        }
    }

    var codeReferences: CodeReferences {
        switch self {
        case .cps3, .cps3Contactless: CodeReferences(pin: 0x01, puk: 0x02)
        case .cps4: CodeReferences(pin: 0x11, puk: 0x12)
        }
    }
}

/// What a key of a card is for.
package enum KeyRole: String, CaseIterable, Sendable {
    case authentication
    case signature
    /// Proves the card over the air, without its holder.
    case technical
}

/// P2 values by which VERIFY and its kin name the two codes.
struct CodeReferences: Hashable, Sendable {
    let pin: UInt8
    let puk: UInt8

    func kind(_ reference: UInt8) -> CodeKind? {
        switch reference {
        case pin: .pin
        case puk: .puk
        default: nil
        }
    }
}
