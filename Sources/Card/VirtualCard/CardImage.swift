import SmartCard

/// Lays out the files of a card from its description and certificates.
struct CardImage: Sendable {
    let description: CardDescription
    let keys: [CardKey]
    let layout: CardLayout

    init(description: CardDescription, keys: [CardKey]) {
        self.description = description
        self.keys = keys
        layout = description.layout
    }

    var tree: FileTree {
        var directories = [CardDirectory(identifier: FileTree.master, name: ApplicationName.root, files: masterFiles)]
        let isContactless = description.generation == .cps3Contactless
        directories.append(
            CardDirectory(
                identifier: layout.contactApplication, name: ApplicationName.contact,
                files: isContactless ? refusedFiles : contactFiles))
        if isContactless {
            directories.append(
                CardDirectory(
                    identifier: layout.contactlessApplication, name: ApplicationName.contactless, files: contactlessFiles))
        }
        return FileTree(directories: directories)
    }

    private var layouts: [KeyLayout] {
        keys.map { KeyLayout.layout($0.role, in: layout) }.sorted { $0.identifier < $1.identifier }
    }

    private var masterFiles: [CardFile] {
        let serial = CardFile(FileIdentifier.serialNumber, short: 0x1C, SerialNumber.content(digits: description.serial))
        let directory = CardFile(FileIdentifier.directory, short: 0x1E, directoryContent, update: .secured)
        guard description.generation != .cps4 else { return [directory, serial] }
        let answer = CardFile(FileIdentifier.answerToReset, short: 0x1D, Self.answerToReset, update: .secured)
        guard layout.isUpdated else { return [directory, answer, serial] }
        return [directory, answer, serial, CardFile(FileIdentifier.lastUpdate, UpdateMarker.complete, update: .secured)]
    }

    /// EF.DIR: on a CPS3 the contactless record comes first, and both name the contact application inside.
    private var directoryContent: [UInt8] {
        let contact = record(ApplicationName.contact, "CPS IAS", layout.contactApplication)
        guard layout.hasBothApplications else { return DirectoryFiles(layout).content([contact]) }
        let contactless = record(ApplicationName.contactless, "CPS IAS CL", layout.contactlessApplication)
        return DirectoryFiles(layout).content(layout.hasContactFirst ? [contact, contactless] : [contactless, contact])
    }

    private func record(_ name: [UInt8], _ label: String, _ file: UInt16) -> [UInt8] {
        let path: [UInt8] =
            switch layout.applicationPath {
            case .absolute: TLV(0x51, bytes(FileTree.master) + bytes(file)).bytes
            case .relative: TLV(0x51, bytes(file)).bytes
            case .missing: []
            }
        let inner = TLV(0x73, TLV(0x4F, ApplicationName.contact).bytes).bytes
        return TLV(0x61, TLV(0x4F, name).bytes + TLV(0x50, Array(label.utf8)).bytes + path + inner).bytes
    }

    private var contactFiles: [CardFile] {
        let isChipDoc = description.generation == .cps4
        let data = DataObjects(description: description, layout: layout)
        let content = PKCS15Content(layout: layout, application: layout.contactApplication)
        var directories = DirectoryFiles(layout)
        directories.add(0xA0, layout.privateKeys, content.privateKeys(layouts))
        directories.add(0xA4, layout.certificates, content.certificates(layouts))
        directories.add(0xA7, layout.dataObjects, content.dataObjects(data.directory))
        directories.add(0xA8, layout.codes, content.codes())
        return roots(content, directories, isChipDoc ? "CPS4v1-" : "CPS3v3-", isChipDoc ? [] : CardAlgorithm.iasECC)
            + directories.files + certificateFiles + data.files
    }

    private var contactlessFiles: [CardFile] {
        let content = PKCS15Content(layout: layout, application: layout.contactlessApplication)
        var directories = DirectoryFiles(layout)
        directories.add(0xA0, layout.privateKeys, content.privateKeys(layouts))
        directories.add(0xA4, layout.certificates, content.certificates(layouts))
        directories.add(0xA7, layout.dataObjects, [])
        return roots(content, directories, "CPS3v3-", [CardAlgorithm.authentication]) + directories.files + certificateFiles
    }

    /// EF.ODF and EF.TokenInfo.
    private func roots(
        _ content: PKCS15Content, _ directories: DirectoryFiles, _ prefix: String, _ algorithms: [CardAlgorithm]
    ) -> [CardFile] {
        let places = content.objectDirectory(directories.places)
        return [
            CardFile(FileIdentifier.objectDirectory, directories.content(layout.reversesObjects ? places.reversed() : places)),
            CardFile(
                FileIdentifier.tokenInformation,
                PKCS15Content.tokenInformation(label: prefix + description.cardNumber, algorithms: algorithms) + layout.trailer),
        ]
    }

    /// The contact application is there over the air, but nothing of it can be read.
    private var refusedFiles: [CardFile] {
        let content = PKCS15Content(layout: layout, application: layout.contactApplication)
        return [CardFile(layout.codes, DirectoryFiles(layout).content(content.codes()), read: .never)]
    }

    private var certificateFiles: [CardFile] {
        keys.map { CardFile(KeyLayout.layout($0.role, in: layout).certificateFile, $0.certificate + layout.trailer) }
    }

    /// EF.ATR as read from a real CPS3.
    private static let answerToReset: [UInt8] = [
        0x80, 0x43, 0x01, 0xB8, 0x46, 0x04, 0x04, 0xB0, 0xEC, 0xC1, 0x47, 0x03, 0x94, 0x01, 0x80, 0x4F, 0x08, 0x80, 0x25, 0x00,
        0x00, 0x01, 0xFF, 0x01, 0x00, 0xE0, 0x10, 0x02, 0x02, 0x01, 0x04, 0x02, 0x02, 0x01, 0x04, 0x02, 0x02, 0x01, 0x00, 0x02,
        0x02, 0x01, 0x00, 0x78, 0x08, 0x06, 0x06, 0x2B, 0x81, 0x22, 0xF8, 0x78, 0x02, 0x82, 0x02, 0x90, 0x00,
    ]
}
