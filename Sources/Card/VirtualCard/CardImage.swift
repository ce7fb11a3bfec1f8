import SmartCard

/// Lays out the files of a card from its description and certificates.
struct CardImage: Sendable {
    let description: CardDescription
    let keys: [CardKey]

    var tree: FileTree {
        var directories = [CardDirectory(identifier: FileTree.master, name: ApplicationName.root, files: masterFiles)]
        switch description.generation {
        case .cps3, .cps4:
            directories.append(
                CardDirectory(
                    identifier: FileIdentifier.contactApplication, name: ApplicationName.contact, files: contactFiles))
        case .cps3Contactless:
            directories.append(
                CardDirectory(
                    identifier: FileIdentifier.contactApplication, name: ApplicationName.contact, files: refusedFiles))
            directories.append(
                CardDirectory(
                    identifier: FileIdentifier.contactlessApplication, name: ApplicationName.contactless,
                    files: contactlessFiles))
        }
        return FileTree(directories: directories)
    }

    private var layouts: [KeyLayout] {
        keys.map { KeyLayout.layout($0.role, on: description.generation) }.sorted { $0.identifier < $1.identifier }
    }

    private var masterFiles: [CardFile] {
        let serial = CardFile(FileIdentifier.serialNumber, short: 0x1C, SerialNumber.content(digits: description.serial))
        let directory = CardFile(FileIdentifier.directory, short: 0x1E, directoryContent, update: .secured)
        guard description.generation != .cps4 else { return [directory, serial] }
        return [
            directory, CardFile(FileIdentifier.answerToReset, short: 0x1D, Self.answerToReset, update: .secured), serial,
        ]
    }

    /// EF.DIR: on a CPS3 the contactless record comes first, and both name the contact application inside.
    private var directoryContent: [UInt8] {
        let contact = Self.record(ApplicationName.contact, "CPS IAS", FileIdentifier.contactApplication)
        guard description.generation != .cps4 else { return contact }
        return Self.record(ApplicationName.contactless, "CPS IAS CL", FileIdentifier.contactlessApplication) + contact
    }

    private static func record(_ name: [UInt8], _ label: String, _ file: UInt16) -> [UInt8] {
        TLV(
            0x61,
            TLV(0x4F, name).bytes + TLV(0x50, Array(label.utf8)).bytes + TLV(0x51, bytes(FileTree.master) + bytes(file)).bytes
                + TLV(0x73, TLV(0x4F, ApplicationName.contact).bytes).bytes
        ).bytes
    }

    private var contactFiles: [CardFile] {
        let generation = description.generation
        let prefix = generation == .cps4 ? "CPS4v1-" : "CPS3v3-"
        let data = DataObjects(description: description)
        return [
            CardFile(FileIdentifier.objectDirectory, PKCS15Content.objectDirectory(codes: true)),
            CardFile(
                FileIdentifier.tokenInformation,
                PKCS15Content.tokenInformation(
                    label: prefix + description.cardNumber, algorithms: generation == .cps4 ? [] : CardAlgorithm.iasECC)),
            CardFile(FileIdentifier.codes, PKCS15Content.codes(generation.codeReferences)),
            CardFile(FileIdentifier.privateKeys, PKCS15Content.privateKeys(layouts)),
            CardFile(FileIdentifier.certificates, PKCS15Content.certificates(layouts)),
            CardFile(FileIdentifier.dataObjects, PKCS15Content.dataObjects(data.directory)),
        ] + certificateFiles + data.files
    }

    private var contactlessFiles: [CardFile] {
        [
            CardFile(FileIdentifier.objectDirectory, PKCS15Content.objectDirectory(codes: false)),
            CardFile(
                FileIdentifier.tokenInformation,
                PKCS15Content.tokenInformation(
                    label: "CPS3v3-" + description.cardNumber, algorithms: [CardAlgorithm.authentication])),
            CardFile(FileIdentifier.privateKeys, PKCS15Content.privateKeys(layouts)),
            CardFile(FileIdentifier.certificates, PKCS15Content.certificates(layouts)),
            CardFile(FileIdentifier.dataObjects, []),
        ] + certificateFiles
    }

    /// The contact application is there over the air, but nothing of it can be read.
    private var refusedFiles: [CardFile] {
        [CardFile(FileIdentifier.codes, PKCS15Content.codes(description.generation.codeReferences), read: .never)]
    }

    private var certificateFiles: [CardFile] {
        keys.map { CardFile(KeyLayout.layout($0.role, on: description.generation).certificateFile, $0.certificate) }
    }

    /// EF.ATR as read from a real CPS3.
    private static let answerToReset: [UInt8] = [
        0x80, 0x43, 0x01, 0xB8, 0x46, 0x04, 0x04, 0xB0, 0xEC, 0xC1, 0x47, 0x03, 0x94, 0x01, 0x80, 0x4F, 0x08, 0x80, 0x25, 0x00,
        0x00, 0x01, 0xFF, 0x01, 0x00, 0xE0, 0x10, 0x02, 0x02, 0x01, 0x04, 0x02, 0x02, 0x01, 0x04, 0x02, 0x02, 0x01, 0x00, 0x02,
        0x02, 0x01, 0x00, 0x78, 0x08, 0x06, 0x06, 0x2B, 0x81, 0x22, 0xF8, 0x78, 0x02, 0x82, 0x02, 0x90, 0x00,
    ]
}
