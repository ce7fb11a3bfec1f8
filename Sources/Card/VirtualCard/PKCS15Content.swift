import SmartCard

/// The directory files of an application (ISO/IEC 7816-15), byte for byte like real cards' where those are known.
///
/// Real cards write some BIT STRINGs with eight unused bits, which no DER parser may accept: they are kept unless the layout says
/// otherwise. Each directory is given as the list of its entries.
struct PKCS15Content {
    private static let sequence: UInt32 = 0x30
    let layout: CardLayout
    /// The identifier of the application, below the master file.
    let application: UInt16

    /// EF.ODF: where the directories are, by their choice tags.
    func objectDirectory(_ directories: [(tag: UInt32, file: UInt16)]) -> [[UInt8]] {
        directories.map { TLV($0.tag, path($0.file)).bytes }
    }

    /// EF.TokenInfo: version 0, no serial number; `algorithms` of the card or nothing.
    static func tokenInformation(label: String, algorithms: [CardAlgorithm]) -> [UInt8] {
        let supported = algorithms.isEmpty ? [] : TLV(0xA2, algorithms.flatMap(\.bytes)).bytes
        return TLV(
            sequence,
            [0x02, 0x01, 0x00] + TLV(0x0C, Array("ASIP SANTE".utf8)).bytes + TLV(0x80, Array(label.utf8)).bytes
                + [0x03, 0x02, 0x05, 0x60] + supported
        ).bytes
    }

    /// AODF: the holder's code and the one that unblocks it.
    func codes() -> [[UInt8]] {
        let rules: [UInt8] = [0x30, 0x06, 0x03, 0x02, 0x05, 0x20, 0x05, 0x00, 0x30, 0x06, 0x03, 0x02, 0x06, 0x40, 0x05, 0x00]
        let reset: [UInt8] = [0x30, 0x07, 0x03, 0x02, 0x03, 0x08, 0x04, 0x01, 0x04]
        let flags: [UInt8] = layout.hasProperBitStrings ? [0x03, 0x02, 0x07, 0x80] : [0x03, 0x01, 0x08]
        let pinCommon =
            label("Code porteur de la carte CPS", "Holder PIN") + flags + [0x04, 0x01, 0x02]
            + TLV(Self.sequence, rules + reset).bytes
        // initialized, needs-padding (where there is padding), exchangeRefData
        let pinFlags: [UInt8] = layout.pin.pad == nil ? [0x03, 0x03, 0x04, 0x08, 0x10] : [0x03, 0x03, 0x04, 0x0C, 0x10]
        let pad: [UInt8] = layout.pin.pad.map { [0x04, 0x01, $0] } ?? []
        let pinAttributes = pinFlags + lengths(layout.pin) + [0x80, 0x01, layout.codeReferences.pin] + pad
        let pukCommon = label("Code de déblocage de la carte CPS", "PUK") + flags + TLV(Self.sequence, rules).bytes
        let pukAttributes = [0x03, 0x03, 0x04, 0x1D, 0x10] + lengths(.puk) + [0x80, 0x01, layout.codeReferences.puk]
        return [code(pinCommon, authentication: 0x01, pinAttributes), code(pukCommon, authentication: 0x04, pukAttributes)]
    }

    func privateKeys(_ keys: [KeyLayout]) -> [[UInt8]] {
        keys.map { key in
            let isPrivate = key.role != .technical
            let common =
                label(key.keyLabel, "Key \(key.identifier)")
                + (isPrivate ? [0x03, 0x02, 0x07, 0x80, 0x04, 0x01, 0x01] : [0x03, 0x01, 0x00]) + consent(key)
            let attributes =
                TLV(0x04, key.objectIdentifier).bytes + key.usage + [0x03, 0x02, 0x04, 0xB0]
                + TLV(0x02, key.reference & 0x80 == 0 ? [key.reference] : [0x00, key.reference]).bytes
            // The path is empty on real cards.
            let type = TLV(Self.sequence, [0x30, 0x02, 0x04, 0x00, 0x02, 0x02, 0x08, 0x00]).bytes
            return TLV(
                Self.sequence, TLV(Self.sequence, common).bytes + TLV(Self.sequence, attributes).bytes + TLV(0xA1, type).bytes
            ).bytes
        }
    }

    /// userConsent, where the card wants it and says so.
    private func consent(_ key: KeyLayout) -> [UInt8] {
        guard key.role == .signature, layout.tellsUserConsent, let count = layout.signaturesPerPIN else { return [] }
        return [0x02, 0x01, UInt8(count)]
    }

    func certificates(_ keys: [KeyLayout]) -> [[UInt8]] {
        let rules: [UInt8] = [
            0x30, 0x11, 0x30, 0x06, 0x03, 0x02, 0x07, 0x80, 0x05, 0x00, 0x30, 0x07, 0x03, 0x02, 0x06, 0x40, 0x04, 0x01, 0x01,
        ]
        return keys.map { key in
            let common = label(key.certificateLabel, "Certificate \(key.identifier)") + noFlags + rules
            let attributes = TLV(0x04, key.objectIdentifier).bytes
            return object(common, attributes, TLV(Self.sequence, path(key.certificateFile)).bytes)
        }
    }

    /// DODF: labels and files; those behind the code are private and name it. Their labels are the only names they have.
    func dataObjects(_ objects: [(label: String, file: UInt16, isPrivate: Bool)]) -> [[UInt8]] {
        objects.map { item in
            let flags: [UInt8] = item.isPrivate ? [0x03, 0x02, 0x07, 0x80, 0x04, 0x01, 0x01] : noFlags
            return object(Self.text(item.label) + flags, Self.text("CPS"), path(item.file))
        }
    }

    private var noFlags: [UInt8] { layout.hasProperBitStrings ? [0x03, 0x01, 0x00] : [0x03, 0x02, 0x08, 0x00] }

    private func object(_ common: [UInt8], _ attributes: [UInt8], _ value: [UInt8]) -> [UInt8] {
        let parts = TLV(Self.sequence, common).bytes + TLV(Self.sequence, attributes).bytes + TLV(0xA1, value).bytes
        return TLV(Self.sequence, parts).bytes
    }

    private func code(_ common: [UInt8], authentication: UInt8, _ attributes: [UInt8]) -> [UInt8] {
        let type = TLV(0xA1, TLV(Self.sequence, attributes).bytes).bytes
        return TLV(Self.sequence, TLV(Self.sequence, common).bytes + [0x30, 0x03, 0x04, 0x01, authentication] + type).bytes
    }

    /// Type ASCII digits, least, stored and most length.
    private func lengths(_ form: CodeForm) -> [UInt8] {
        [0x0A, 0x01, 0x01] + [form.least, form.stored, form.most].flatMap { [0x02, 0x01, UInt8($0)] }
    }

    /// Relative to the application or from the master file, perhaps with the part of the file that counts: all of it.
    private func path(_ file: UInt16) -> [UInt8] {
        switch layout.objectPaths {
        case .relative: TLV(Self.sequence, TLV(0x04, bytes(file)).bytes).bytes
        case .absolute:
            TLV(Self.sequence, TLV(0x04, bytes(FileTree.master) + bytes(application) + bytes(file)).bytes).bytes
        case .bounded: TLV(Self.sequence, TLV(0x04, bytes(file)).bytes + [0x02, 0x01, 0x00, 0x80, 0x02, 0x7F, 0xFF]).bytes
        }
    }

    private func label(_ known: String, _ other: String) -> [UInt8] {
        switch layout.labels {
        case .known: Self.text(known)
        case .other: Self.text("\(other) – é€")
        case .missing: []
        }
    }

    private static func text(_ text: String) -> [UInt8] { TLV(0x0C, Array(text.utf8)).bytes }
}
