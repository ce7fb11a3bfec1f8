import SmartCard

/// File control templates (ISO/IEC 7816-4 §5.3.3) in the two dialects of CPS cards.
enum FileControl {
    /// CPS3, tag 62: with access rules of IAS-ECC for both interfaces.
    static func iasECC(_ file: CardFile) -> [UInt8] {
        let contact = rules(update: file.update, read: file.read, freeOnly: false)
        let contactless = rules(update: .never, read: file.read, freeOnly: true)
        var content = description(file)
        if let short = file.shortIdentifier { content += TLV(0x88, [short << 3]).bytes }
        content += TLV(0xA1, TLV(0x8C, contact).bytes + TLV(0x9C, contactless).bytes).bytes + [0x8A, 0x01, 0x05]
        return TLV(0x62, content).bytes
    }

    static func iasECC(_ directory: CardDirectory) -> [UInt8] {
        let rules: [UInt8] = [0x7A, 0xFF, 0xFF, 0xFF, 0xFF, 0x45]
        return TLV(0x62, description(directory) + TLV(0xA1, TLV(0x8C, rules).bytes).bytes + [0x8A, 0x01, 0x05]).bytes
    }

    /// CPS4, tag 6F: size, kind and identifier.
    static func chipDoc(_ file: CardFile) -> [UInt8] { TLV(0x6F, description(file)).bytes }

    static func chipDoc(_ directory: CardDirectory) -> [UInt8] { TLV(0x6F, description(directory)).bytes }

    private static func description(_ file: CardFile) -> [UInt8] {
        TLV(0x80, bytes(UInt16(truncatingIfNeeded: file.content.count))).bytes + [0x82, 0x01, 0x01]
            + TLV(0x83, bytes(file.identifier)).bytes
    }

    private static func description(_ directory: CardDirectory) -> [UInt8] {
        [0x82, 0x01, 0x38] + TLV(0x83, bytes(directory.identifier)).bytes + TLV(0x84, directory.name).bytes
    }

    /// Mask, then delete, (unused), activate, deactivate, (unused), update, read; 00 always, FF never, 1n a code.
    private static func rules(update: CardFile.Access, read: CardFile.Access, freeOnly: Bool) -> [UInt8] {
        func byte(_ access: CardFile.Access) -> UInt8 {
            switch access {
            case .free: 0x00
            case .pin: freeOnly ? 0xFF : 0x11
            case .secured: 0x45
            case .never: 0xFF
            }
        }
        return [0x7B, update == .secured ? 0x45 : 0xFF, 0xFF, 0xFF, 0xFF, byte(update), byte(read)]
    }
}
