import SmartCard

/// An entry of supportedAlgorithms in EF.TokenInfo (PKCS #15 v1.1 §6.9): which algorithm byte does what.
struct CardAlgorithm: Hashable, Sendable {
    /// Operations as a whole BIT STRING.
    enum Operation: Hashable, Sendable {
        case sign
        case decipher
        case hash

        var bits: [UInt8] {
            switch self {
            case .sign: [0x03, 0x02, 0x06, 0x40]
            case .decipher: [0x03, 0x02, 0x02, 0x04]
            case .hash: [0x03, 0x02, 0x01, 0x02]
            }
        }
    }

    let number: UInt8
    /// PKCS #11 mechanism.
    let mechanism: UInt16
    let operation: Operation
    /// Content of the object identifier.
    let identifier: [UInt8]
    /// What MANAGE SECURITY ENVIRONMENT carries in tag 80.
    let reference: UInt8

    private static let rsa: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]

    static let authentication = CardAlgorithm(
        number: 1, mechanism: 0x01, operation: .sign, identifier: rsa + [0x01], reference: 0x02)

    /// What a CPS3 does through its contacts.
    static let iasECC = [
        authentication,
        CardAlgorithm(number: 2, mechanism: 0x01, operation: .decipher, identifier: rsa + [0x01], reference: 0x1A),
        CardAlgorithm(number: 3, mechanism: 0x06, operation: .sign, identifier: rsa + [0x05], reference: 0x12),
        CardAlgorithm(number: 4, mechanism: 0x40, operation: .sign, identifier: rsa + [0x0B], reference: 0x42),
        CardAlgorithm(
            number: 5, mechanism: 0x0220, operation: .hash, identifier: [0x2B, 0x0E, 0x03, 0x02, 0x1A], reference: 0x10),
        CardAlgorithm(
            number: 6, mechanism: 0x0250, operation: .hash,
            identifier: [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01], reference: 0x40),
    ]

    var bytes: [UInt8] {
        let mechanismBytes = mechanism > 0xFF ? [UInt8(mechanism >> 8), UInt8(mechanism & 0xFF)] : [UInt8(mechanism)]
        return TLV(
            0x30,
            [0x02, 0x01, number] + TLV(0x02, mechanismBytes).bytes + [0x05, 0x00] + operation.bits
                + TLV(0x06, identifier).bytes + [0x02, 0x01, reference]
        ).bytes
    }
}
