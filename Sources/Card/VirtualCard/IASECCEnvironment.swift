import OpenSSL
import SmartCard

/// What MANAGE SECURITY ENVIRONMENT has set (ISO/IEC 7816-4 §7.5.11), by template, and a hash that waits to be signed.
struct IASECCEnvironment: Hashable, Sendable {
    struct Signature: Hashable, Sendable {
        let hash: ResumedHash
        let key: KeyRole
    }

    var authenticationKey: KeyRole?
    var hash: ResumedHash?
    var signature: Signature?
    var decipherKey: KeyRole?
    var digest: [UInt8]?
}

extension IASECCSystem {
    /// The key that a reference with bit 80 names in the current directory.
    func role(of reference: UInt8, _ card: CardContent) -> KeyRole? {
        let layout = card.layout
        guard location.directory == (isContactless ? layout.contactlessApplication : layout.contactApplication) else { return nil }
        return card.description.generation.keyRoles.first { role in layout.keyReferences[role].map { $0 | 0x80 } == reference }
    }

    /// MANAGE SECURITY ENVIRONMENT, set: templates of algorithm (80) and key (84) in any order.
    mutating func manageEnvironment(_ command: Command, _ card: CardContent) -> Reply {
        guard command.p1 == 0x41 || command.p1 == 0x81 else { return .status(.incorrectP1P2) }
        guard let template = try? TLV.parse(command.data), let algorithm = template.first(where: { $0.tag == 0x80 })?.value.first
        else { return .status(.incorrectData) }
        if command.p2 == 0xAA { return setHash(algorithm) }
        guard let reference = template.first(where: { $0.tag == 0x84 })?.value.first else { return .status(.incorrectData) }
        guard let key = role(of: reference, card) else { return .status(card.layout.referenceMissing) }
        switch (command.p2, algorithm) {
        case (0xA4, 0x02): environment.authenticationKey = key
        case (0xB6, 0x12): environment.signature = .init(hash: .sha1, key: key)
        case (0xB6, 0x42): environment.signature = .init(hash: .sha256, key: key)
        case (0xB8, 0x1A): environment.decipherKey = key
        case (0xA4, _), (0xB6, _), (0xB8, _): return .status(.incorrectData)
        default: return .status(.incorrectP1P2)
        }
        return .ok()
    }

    private mutating func setHash(_ algorithm: UInt8) -> Reply {
        switch algorithm {
        case 0x10: environment.hash = .sha1
        case 0x40: environment.hash = .sha256
        default: return .status(.incorrectData)
        }
        environment.digest = nil
        return .ok()
    }
}
