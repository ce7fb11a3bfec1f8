import SmartCard

extension CardLayout {
    /// A card that differs wherever real cards are not fully known, and wherever a driver could have learnt a constant by heart.
    ///
    /// The same seed gives the same card, today and tomorrow: new draws are added at the end.
    init(seed: UInt32, generation: CardGeneration) {
        self = .standard(generation)
        var draws = Draws(seed: seed)
        drawPlaces(&draws)
        drawNames(&draws, generation)
        drawCode(&draws, generation)
        drawDirectories(&draws, generation)
        drawAnswers(&draws, generation)
        signaturesPerPIN = draws.one(of: [nil, nil, 1, 2] as [Int?])
        tellsUserConsent = draws.chance(2)
    }

    private mutating func drawPlaces(_ draws: inout Draws) {
        let applications: [UInt16] = draws.some(2, of: [0x0001, 0x0002, 0x0101, 0x4D50, 0x5015, 0x7F10, 0xDF01])
        (contactApplication, contactlessApplication) = (applications[0], applications[1])
        let directories = draws.some(4, of: Array(UInt16(0x7000)...0x701F))
        (codes, privateKeys, certificates, dataObjects) = (directories[0], directories[1], directories[2], directories[3])
        let files = draws.some(3, of: Array(UInt16(0xA000)...0xA01F) + Array(0xB000...0xB01F))
        certificateFiles = [.signature: files[0], .authentication: files[1], .technical: files[2]]
        freeObjects = draws.one(of: [0xD101, 0xD201, 0xC001])
    }

    private mutating func drawNames(_ draws: inout Draws, _ generation: CardGeneration) {
        let codes = draws.some(2, of: Array(UInt8(0x01)...0x1E))
        codeReferences = CodeReferences(pin: codes[0], puk: codes[1])
        let keys = draws.some(3, of: Array(UInt8(0x01)...0x3F))
        // A CPS3 takes the reference with bit 80 set, whichever way PrKDF writes it.
        let isBit80Written = draws.chance(2) && generation != .cps4
        let identifiers = draws.some(3, of: Array(UInt8(0x01)...0x7E))
        for (index, role) in [KeyRole.signature, .authentication, .technical].enumerated() {
            keyReferences[role] = keys[index] | (isBit80Written ? 0x80 : 0)
            keyIdentifiers[role] = identifiers[index]
        }
    }

    private mutating func drawCode(_ draws: inout Draws, _ generation: CardGeneration) {
        pin = draws.one(of: [
            .pin, CodeForm(least: 4, most: 8, stored: 8, pad: 0xFF), CodeForm(least: 4, most: 8, stored: 8, pad: 0x00),
            CodeForm(least: 4, most: 8, stored: 12, pad: 0xFF), CodeForm(least: 4, most: 6, stored: 16, pad: 0x20),
            CodeForm(least: 4, most: 4, stored: 4, pad: nil),
        ])
        let hasUses = draws.chance(2)
        let tries = draws.one(of: [3, 5, 10, 15])
        // What an IAS-ECC chip counts is known from traces; only whether it tells the uses is left open.
        pukUses = hasUses && generation != .cps4 ? 100 : nil
        if generation == .cps4 { pukTries = tries }
    }

    private mutating func drawDirectories(_ draws: inout Draws, _ generation: CardGeneration) {
        hasContactFirst = draws.chance(2)
        hasBothApplications = draws.chance(2) || generation == .cps3Contactless
        applicationPath = draws.one(of: ApplicationPath.allCases)
        objectPaths = draws.one(of: ObjectPaths.allCases)
        reversesObjects = draws.chance(2)
        splitsDirectories = draws.chance(3)
        hasLongLengths = draws.chance(3)
        hasProperBitStrings = draws.chance(2)
        trailer = draws.one(of: [[], [0x00], [UInt8](repeating: 0x00, count: 57), [UInt8](repeating: 0xFF, count: 231)])
        labels = draws.one(of: Labels.allCases)
        isUpdated = draws.chance(2) && generation == .cps3
    }

    private mutating func drawAnswers(_ draws: inout Draws, _ generation: CardGeneration) {
        fileControl = draws.one(of: FileControlForm.allCases)
        shortRead = draws.one(of: ShortRead.allCases)
        piece = draws.one(of: [0xE7, 0x80, 0x40, 0xFF])
        referenceMissing = draws.one(of: [.referencedDataNotFound, .fileNotFound, .incorrectP1P2])
        countsDown = !draws.chance(4)
        blocksAtOnce = draws.chance(2)
        let isSilent = draws.chance(3)
        // On a CPS4 nothing else is known to tell.
        tellsTriesOnVerify = generation == .cps4 || !isSilent
        keepsCodesToApplication = draws.chance(2)
        wantsDigestInfo = draws.chance(2)
        hasLegacyVolume = draws.chance(2)
        isAppletStuck = draws.chance(2) && generation == .cps4
    }
}

/// Numbers that follow from a seed alone (SplitMix64).
private struct Draws {
    private var state: UInt64

    init(seed: UInt32) { state = UInt64(seed) }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in so many times.
    mutating func chance(_ count: UInt64) -> Bool { next() % count == 0 }

    mutating func one<Value>(of values: [Value]) -> Value { values[Int(next() % UInt64(values.count))] }

    /// Different ones, at most as many as there are.
    mutating func some<Value>(_ count: Int, of values: [Value]) -> [Value] {
        var left = values
        return (0..<min(count, values.count)).map { _ in left.remove(at: Int(next() % UInt64(left.count))) }
    }
}
