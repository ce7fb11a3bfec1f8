import SmartCard

/// Everything in which one card may differ from another: where things are, how they are written, how the card answers.
///
/// What ``standard(_:)`` gives is the card as far as it is known; a seed draws others (``init(seed:generation:)``).
struct CardLayout: Hashable, Sendable {
    enum ApplicationPath: CaseIterable, Hashable, Sendable { case absolute, relative, missing }
    enum ObjectPaths: CaseIterable, Hashable, Sendable { case relative, absolute, bounded }
    /// What SELECT tells of a file: all that is known of real cards, the size alone under 80 or 81, or nothing.
    enum FileControlForm: CaseIterable, Hashable, Sendable { case whole, size, allocatedSize, nothing }
    /// What a READ BINARY gets that asks for more than there is: the right length (6Cxx), a warning (6282), or just what there is.
    enum ShortRead: CaseIterable, Hashable, Sendable { case exactLength, warning, silent }
    enum Labels: CaseIterable, Hashable, Sendable { case known, other, missing }

    // Where things are.
    var contactApplication = FileIdentifier.contactApplication
    var contactlessApplication = FileIdentifier.contactlessApplication
    var codes = FileIdentifier.codes
    var privateKeys = FileIdentifier.privateKeys
    var certificates = FileIdentifier.certificates
    var dataObjects = FileIdentifier.dataObjects
    var certificateFiles: [KeyRole: UInt16] = [
        .signature: FileIdentifier.signatureCertificate, .authentication: FileIdentifier.authenticationCertificate,
        .technical: FileIdentifier.technicalCertificate,
    ]
    /// Four files in a row.
    var freeObjects = FileIdentifier.cardIdentity

    // How things are named in commands.
    var codeReferences: CodeReferences
    /// As PrKDF writes them.
    var keyReferences: [KeyRole: UInt8]
    /// Last byte of the object identifiers.
    var keyIdentifiers: [KeyRole: UInt8]

    // How the holder's code looks.
    var pin = CodeForm.pin
    var pukTries: Int
    /// How often the PUK may be used; `nil` where the card keeps no such count.
    var pukUses: Int?

    // How the directories are written.
    var hasContactFirst: Bool
    var hasBothApplications: Bool
    var applicationPath = ApplicationPath.absolute
    var objectPaths = ObjectPaths.relative
    var reversesObjects = false
    /// Each kind of object over two files.
    var splitsDirectories = false
    var hasLongLengths = false
    /// BIT STRINGs as DER wants them, not as real cards write them.
    var hasProperBitStrings = false
    /// Behind the last entry of each directory and behind each certificate.
    var trailer: [UInt8] = []
    var labels = Labels.known
    /// When the content was last updated (EF_ACTUA); `nil` when never.
    var isUpdated = false

    // How the card answers.
    var fileControl = FileControlForm.whole
    var shortRead = ShortRead.exactLength
    /// Most bytes of one GET RESPONSE.
    var piece = 0xE7
    var referenceMissing = StatusWord.referencedDataNotFound
    /// A wrong code: 63Cx, or 6300 that tells no number.
    var countsDown = true
    /// The wrong code that spends the last try: 63C0, or 6983 at once.
    var blocksAtOnce = false
    /// VERIFY without data tells the tries left; else it is refused, and only the code's data object tells.
    var tellsTriesOnVerify = true
    /// Verified codes and codes at all live in the application: leaving it forgets them, and VERIFY elsewhere finds none.
    var keepsCodesToApplication = false
    /// Signs nothing but a DigestInfo.
    var wantsDigestInfo = false
    /// Signatures of the signature key until the code is wanted again; `nil` for any number.
    var signaturesPerPIN: Int?
    /// PrKDF tells that number (userConsent).
    var tellsUserConsent = true
    /// The legacy volume (CPS2ter) answers on class A0.
    var hasLegacyVolume = false
    /// The ChipDoc applet answers 6985 until it is freed through the issuer domain.
    var isAppletStuck = false

    static func standard(_ generation: CardGeneration) -> CardLayout {
        let isChipDoc = generation == .cps4
        return CardLayout(
            codeReferences: generation.codeReferences,
            keyReferences: isChipDoc
                ? [.signature: 0x10, .authentication: 0x20, .technical: 0x30]
                : [.signature: 0x81, .authentication: 0x82, .technical: 0x83],
            keyIdentifiers: isChipDoc
                ? [.signature: 0x10, .authentication: 0x20, .technical: 0x30]
                : [.signature: 0x01, .authentication: 0x02, .technical: 0x03],
            pukTries: isChipDoc ? 3 : 10, pukUses: isChipDoc ? nil : 100, hasContactFirst: isChipDoc, hasBothApplications: !isChipDoc)
    }

    func form(_ kind: CodeKind) -> CodeForm {
        switch kind {
        case .pin: pin
        case .puk: .puk
        }
    }
}
