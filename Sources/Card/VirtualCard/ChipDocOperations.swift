import OpenSSL
import SmartCard

extension ChipDocSystem {
    /// Length of the modulus and of a raw block, in bytes.
    private static let modulus = 256

    /// `22 81 B6 91 02 <algorithm> <key OR 80>` for signatures, `22 41 B8 83 01 <key>` for raw RSA.
    mutating func manageEnvironment(_ command: Command, _ card: CardContent) -> Reply {
        guard let template = try? TLV.parse(command.data), template.count == 1, let object = template.first else {
            return .status(.incorrectData)
        }
        guard location.directory == card.layout.contactApplication else { return .status(card.layout.referenceMissing) }
        switch (command.p1, command.p2, object.tag, object.value.count) {
        case (0x41, 0xB8, 0x83, 1):
            guard let key = Self.role(of: object.value[0], card) else { return .status(card.layout.referenceMissing) }
            rawKey = key
        case (0x81, 0xB6, 0x91, 2):
            guard object.value[1] & 0x80 != 0, let key = Self.role(of: object.value[1] & 0x7F, card) else {
                return .status(card.layout.referenceMissing)
            }
            guard let chosen = Self.signature(object.value[0], key) else { return .status(.incorrectData) }
            signature = chosen
        case (0x41, 0xB8, _, _), (0x81, 0xB6, _, _): return .status(.incorrectData)
        default: return .status(.incorrectP1P2)
        }
        return .ok()
    }

    /// PERFORM SECURITY OPERATION (ISO/IEC 7816-8 §11): sign a bare hash, or raw RSA on a whole block.
    mutating func performOperation(_ command: Command, _ card: CardContent) -> Reply {
        switch (command.p1, command.p2) {
        case (0x9E, 0x9A): computeSignature(command, card)
        case (0x80, 0x86): computeRaw(command, card)
        default: .status(.incorrectP1P2)
        }
    }

    private mutating func computeSignature(_ command: Command, _ card: CardContent) -> Reply {
        guard let signature else { return .status(.conditionsOfUseNotSatisfied) }
        guard codes.isVerified(.pin) else { return .status(.securityStatusNotSatisfied) }
        guard command.data.count == signature.hash.length else { return .status(.wrongLength) }
        guard signature.key != .signature || codes.takeSignature(card) else { return .status(.securityStatusNotSatisfied) }
        let result =
            signature.isPSS
            ? card.signPSS(command.data, with: signature.key, hash: signature.hash)
            : card.sign(signature.hash.digestInfoPrefix + command.data, with: signature.key, raw: false)
        return result.map { .ok($0) } ?? .status(.incorrectData)
    }

    private func computeRaw(_ command: Command, _ card: CardContent) -> Reply {
        guard let rawKey, rawKey == .authentication else { return .status(.conditionsOfUseNotSatisfied) }
        guard codes.isVerified(.pin) else { return .status(.securityStatusNotSatisfied) }
        guard command.data.count == Self.modulus else { return .status(.wrongLength) }
        return card.sign(command.data, with: rawKey, raw: true).map { .ok($0) } ?? .status(.incorrectData)
    }

    private static func role(of reference: UInt8, _ card: CardContent) -> KeyRole? {
        card.description.generation.keyRoles.first { card.layout.keyReferences[$0] == reference }
    }

    /// PKCS#1 v1.5 belongs to the signature key; the authentication key signs by PSS here and by raw RSA elsewhere.
    private static func signature(_ algorithm: UInt8, _ key: KeyRole) -> Signature? {
        switch (algorithm, key) {
        case (0x0A, .signature): Signature(hash: .sha1, isPSS: false, key: key)
        case (0x28, .signature): Signature(hash: .sha256, isPSS: false, key: key)
        case (0x15, _): Signature(hash: .sha1, isPSS: true, key: key)
        case (0x2C, _): Signature(hash: .sha256, isPSS: true, key: key)
        default: nil
        }
    }
}
