import Primitives
import SmartCard

/// The operating system of a CPS3: IAS-ECC commands on class 00.
struct IASECCSystem: OperatingSystem {
    let isContactless: Bool
    private let hasLegacyVolume: Bool
    /// Verified codes do not outlive a change of directory.
    let forgetsCodes: Bool
    private var legacy = LegacyVolume()
    /// Other software has the legacy volume selected: class 00 is deaf but for the root's name.
    private var isLegacySelected = false
    var location = Location.master
    var codes = CodeCommands()
    var environment = IASECCEnvironment()

    init(isContactless: Bool, layout: CardLayout) {
        self.isContactless = isContactless
        hasLegacyVolume = layout.hasLegacyVolume && !isContactless
        forgetsCodes = layout.keepsCodesToApplication
    }

    mutating func assumePINVerified() { codes.assumePINVerified() }

    mutating func reset() {
        legacy = LegacyVolume()
        isLegacySelected = false
        location = .master
        codes = CodeCommands()
        environment = IASECCEnvironment()
    }

    func accepts(_ command: Command) -> StatusWord {
        switch command.cla {
        case LegacyVolume.cla where hasLegacyVolume: .ok
        case 0x00 where !isLegacySelected || selectsRoot(command): .ok
        default: .classNotSupported
        }
    }

    private func selectsRoot(_ command: Command) -> Bool {
        command.ins == 0xA4 && command.p1 == 0x04 && command.data == ApplicationName.root
    }

    mutating func perform(_ command: Command, on card: inout CardContent) -> Reply {
        isLegacySelected = command.cla == LegacyVolume.cla
        if isLegacySelected {
            (location, codes) = (.master, CodeCommands())
            return legacy.perform(command)
        }
        return performIASECC(command, &card)
    }

    private mutating func performIASECC(_ command: Command, _ card: inout CardContent) -> Reply {
        switch command.ins {
        case 0xA4: select(command, card)
        case 0xB0: read(command, card)
        case 0xD6: binary(command).update(command, &card)
        case 0xCB: getData(command, card)
        case 0x20: verify(command, &card)
        case 0x24: change(command, &card)
        case 0x2C: unblock(command, &card)
        case 0x22: manageEnvironment(command, card)
        case 0x2A: performOperation(command, card)
        case 0x88: internalAuthenticate(command, card)
        case 0x84: challenge(command, card)
        default: .status(.instructionNotSupported)
        }
    }

    private func binary(_ command: Command) -> BinaryAccess {
        BinaryAccess(location: location, isPINVerified: codes.isVerified(.pin), offset: command.offset)
    }

    /// By offset in the current file, or by short identifier in the current directory or the master file.
    private mutating func read(_ command: Command, _ card: CardContent) -> Reply {
        guard command.p1 & 0x80 != 0 else { return binary(command).read(command, card) }
        let short = command.p1 & 0x1F
        guard
            let found = card.files.location(short: short, in: location.directory)
                ?? card.files.location(short: short, in: FileTree.master)
        else { return .status(.fileNotFound) }
        location.file = nil
        if found.directory == location.directory { location = found }
        return BinaryAccess(location: found, isPINVerified: codes.isVerified(.pin), offset: Int(command.p2)).read(command, card)
    }

    private func challenge(_ command: Command, _ card: CardContent) -> Reply {
        guard command.p1 == 0, command.p2 == 0 else { return .status(.incorrectP1P2) }
        return .ok(card.random.bytes(command.le ?? 8))
    }
}
