import OpenSSL
import SmartCard

extension IASECCSystem {
    /// At most forty per cent of the modulus.
    private static let longestInput = 102

    /// INTERNAL AUTHENTICATE (ISO/IEC 7816-4 §7.5.2): the card pads what it is given by PKCS#1 v1.5 type 1.
    mutating func internalAuthenticate(_ command: Command, _ card: CardContent) -> Reply {
        guard command.p1 == 0x00, command.p2 == 0x00 else { return .status(.incorrectP1P2) }
        guard let key = environment.authenticationKey, key != .signature else { return .status(.conditionsOfUseNotSatisfied) }
        guard key == .technical || codes.isVerified(.pin) else { return .status(.securityStatusNotSatisfied) }
        guard (1...Self.longestInput).contains(command.data.count) else { return .status(.wrongLength) }
        if card.layout.wantsDigestInfo, !ResumedHash.isDigestInfo(command.data) { return .status(.incorrectData) }
        guard let signature = card.sign(command.data, with: key, raw: false) else { return .status(.incorrectData) }
        return .ok(signature)
    }

    /// PERFORM SECURITY OPERATION (ISO/IEC 7816-8 §11): sign, hash, decipher.
    mutating func performOperation(_ command: Command, _ card: CardContent) -> Reply {
        switch (command.p1, command.p2) {
        case (0x9E, 0x9A): computeSignature(command, card)
        case (0x90, 0xA0): finishHash(command)
        case (0x80, 0x86): decipher(command, card)
        default: .status(.incorrectP1P2)
        }
    }

    /// Signs the bare hash in the command, or the one that the card has finished itself.
    private mutating func computeSignature(_ command: Command, _ card: CardContent) -> Reply {
        guard let chosen = environment.signature, chosen.key == .signature else { return .status(.conditionsOfUseNotSatisfied) }
        guard codes.isVerified(.pin) else { return .status(.securityStatusNotSatisfied) }
        let digest = command.data.isEmpty ? environment.digest : command.data
        environment.digest = nil
        guard let digest else { return .status(.conditionsOfUseNotSatisfied) }
        guard digest.count == chosen.hash.length else { return .status(.wrongLength) }
        guard codes.takeSignature(card) else { return .status(.securityStatusNotSatisfied) }
        guard let signature = card.sign(chosen.hash.digestInfoPrefix + digest, with: chosen.key, raw: false) else {
            return .status(.incorrectData)
        }
        return .ok(signature)
    }

    /// `90` chaining value and count of bits hashed before, empty when none; `80` the last bytes.
    private mutating func finishHash(_ command: Command) -> Reply {
        guard let hash = environment.hash else { return .status(.conditionsOfUseNotSatisfied) }
        guard let parts = try? TLV.parse(command.data), let last = parts.first(where: { $0.tag == 0x80 })?.value, last.count <= 64
        else { return .status(.incorrectData) }
        let state: [UInt8] = parts.first(where: { $0.tag == 0x90 })?.value ?? []
        if state.isEmpty {
            environment.digest = hash.digest(last)
            return .ok()
        }
        guard state.count == hash.length + 8 else { return .status(.incorrectData) }
        let bits = state.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let digest = hash.digest(resuming: Array(state.prefix(hash.length)), after: bits, last: last) else {
            return .status(.incorrectData)
        }
        environment.digest = digest
        return .ok()
    }

    /// `81` and the cryptogram, over two chained commands; answers the plain text without its padding.
    private func decipher(_ command: Command, _ card: CardContent) -> Reply {
        guard let key = environment.decipherKey, key == .authentication else { return .status(.conditionsOfUseNotSatisfied) }
        guard codes.isVerified(.pin) else { return .status(.securityStatusNotSatisfied) }
        guard command.data.first == 0x81, command.data.count == 257 else { return .status(.wrongLength) }
        guard let plain = card.decrypt(Array(command.data.dropFirst()), with: key) else { return .status(.incorrectData) }
        return .ok(plain)
    }
}

extension ResumedHash {
    /// Whether these bytes are a DigestInfo of a hash that cards know.
    static func isDigestInfo(_ bytes: [UInt8]) -> Bool {
        [ResumedHash.sha1, .sha256].contains { hash in
            bytes.starts(with: hash.digestInfoPrefix) && bytes.count == hash.digestInfoPrefix.count + hash.length
        }
    }

    /// What stands before the digest in a DigestInfo (RFC 8017 §9.2, note 1).
    var digestInfoPrefix: [UInt8] {
        switch self {
        case .sha1: [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14]
        case .sha256:
            [
                0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
            ]
        }
    }
}
