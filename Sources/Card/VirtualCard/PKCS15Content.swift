import SmartCard

/// The directory files of the application (ISO/IEC 7816-15), byte for byte like real cards' where those are known.
///
/// Real cards write some BIT STRINGs with eight unused bits, which no DER parser may accept: they are kept.
enum PKCS15Content {
    private static let sequence: UInt32 = 0x30

    /// EF.ODF: where the directories are, as identifiers relative to the application.
    static func objectDirectory(codes: Bool) -> [UInt8] {
        var entries: [(UInt32, UInt16)] = [
            (0xA0, FileIdentifier.privateKeys), (0xA4, FileIdentifier.certificates), (0xA7, FileIdentifier.dataObjects),
        ]
        if codes { entries.append((0xA8, FileIdentifier.codes)) }
        return entries.flatMap { TLV($0.0, path($0.1)).bytes }
    }

    /// EF.TokenInfo: version 0, no serial number; `algorithms` of the card or nothing.
    static func tokenInformation(label: String, algorithms: [CardAlgorithm]) -> [UInt8] {
        let supported = algorithms.isEmpty ? [] : TLV(0xA2, algorithms.flatMap(\.bytes)).bytes
        return TLV(
            sequence,
            [0x02, 0x01, 0x00] + text("ASIP SANTE") + TLV(0x80, Array(label.utf8)).bytes + [0x03, 0x02, 0x05, 0x60] + supported
        ).bytes
    }

    /// AODF: the holder's code and the one that unblocks it.
    static func codes(_ references: CodeReferences) -> [UInt8] {
        let rules: [UInt8] = [0x30, 0x06, 0x03, 0x02, 0x05, 0x20, 0x05, 0x00, 0x30, 0x06, 0x03, 0x02, 0x06, 0x40, 0x05, 0x00]
        let reset: [UInt8] = [0x30, 0x07, 0x03, 0x02, 0x03, 0x08, 0x04, 0x01, 0x04]
        let flags: [UInt8] = [0x03, 0x01, 0x08]
        let pinCommon = text("Code porteur de la carte CPS") + flags + [0x04, 0x01, 0x02] + TLV(sequence, rules + reset).bytes
        let pinAttributes =
            [0x03, 0x03, 0x04, 0x0C, 0x10] + codeLengths(least: 4, most: 4) + [0x80, 0x01, references.pin, 0x04, 0x01, 0xFF]
        let pukCommon = text("Code de déblocage de la carte CPS") + flags + TLV(sequence, rules).bytes
        let pukAttributes = [0x03, 0x03, 0x04, 0x1D, 0x10] + codeLengths(least: 8, most: 8) + [0x80, 0x01, references.puk]
        return code(pinCommon, authentication: 0x01, pinAttributes) + code(pukCommon, authentication: 0x04, pukAttributes)
    }

    static func privateKeys(_ layouts: [KeyLayout]) -> [UInt8] {
        layouts.flatMap { layout in
            let isPrivate = layout.role != .technical
            let common =
                text(layout.keyLabel) + (isPrivate ? [0x03, 0x02, 0x07, 0x80, 0x04, 0x01, 0x01] : [0x03, 0x01, 0x00])
            let attributes =
                TLV(0x04, layout.objectIdentifier).bytes + layout.usage + [0x03, 0x02, 0x04, 0xB0]
                + TLV(0x02, layout.reference & 0x80 == 0 ? [layout.reference] : [0x00, layout.reference]).bytes
            // The path is empty on real cards.
            let type = TLV(sequence, [0x30, 0x02, 0x04, 0x00, 0x02, 0x02, 0x08, 0x00]).bytes
            return TLV(
                sequence, TLV(sequence, common).bytes + TLV(sequence, attributes).bytes + TLV(0xA1, type).bytes
            ).bytes
        }
    }

    static func certificates(_ layouts: [KeyLayout]) -> [UInt8] {
        let rules: [UInt8] = [
            0x30, 0x11, 0x30, 0x06, 0x03, 0x02, 0x07, 0x80, 0x05, 0x00, 0x30, 0x07, 0x03, 0x02, 0x06, 0x40, 0x04, 0x01, 0x01,
        ]
        return layouts.flatMap { layout in
            let common = text(layout.certificateLabel) + [0x03, 0x02, 0x08, 0x00] + rules
            let attributes = TLV(0x04, layout.objectIdentifier).bytes
            return object(common, attributes, TLV(sequence, path(layout.certificateFile)).bytes)
        }
    }

    /// DODF: labels and files; those behind the code are private and name it.
    static func dataObjects(_ objects: [(label: String, file: UInt16, isPrivate: Bool)]) -> [UInt8] {
        objects.flatMap { item in
            let flags: [UInt8] = item.isPrivate ? [0x03, 0x02, 0x07, 0x80, 0x04, 0x01, 0x01] : [0x03, 0x02, 0x08, 0x00]
            return object(text(item.label) + flags, text("CPS"), path(item.file))
        }
    }

    private static func object(_ common: [UInt8], _ attributes: [UInt8], _ value: [UInt8]) -> [UInt8] {
        TLV(sequence, TLV(sequence, common).bytes + TLV(sequence, attributes).bytes + TLV(0xA1, value).bytes).bytes
    }

    private static func code(_ common: [UInt8], authentication: UInt8, _ attributes: [UInt8]) -> [UInt8] {
        TLV(
            sequence,
            TLV(sequence, common).bytes + [0x30, 0x03, 0x04, 0x01, authentication]
                + TLV(0xA1, TLV(sequence, attributes).bytes).bytes
        ).bytes
    }

    /// Type ASCII digits, least, stored and most length.
    private static func codeLengths(least: UInt8, most: UInt8) -> [UInt8] {
        [0x0A, 0x01, 0x01, 0x02, 0x01, least, 0x02, 0x01, 0x08, 0x02, 0x01, most]
    }

    private static func path(_ file: UInt16) -> [UInt8] { TLV(sequence, TLV(0x04, bytes(file)).bytes).bytes }

    private static func text(_ text: String) -> [UInt8] { TLV(0x0C, Array(text.utf8)).bytes }
}
