import OpenSSL
import Primitives
import SmartCard

/// The operating system of a CPS4: everything on logical channel 1, after the ChipDoc applet was selected there.
struct ChipDocSystem: OperatingSystem {
    struct Signature: Hashable, Sendable {
        let hash: ResumedHash
        let isPSS: Bool
        let key: KeyRole
    }

    private let layout: CardLayout
    private var legacy = LegacyVolume()
    private var stuck: Stuck
    var isAppletSelected = false
    var location = Location.master
    var codes = CodeCommands()
    var signature: Signature?
    var rawKey: KeyRole?
    /// The PUK has reset the PIN's counter and a new value is awaited.
    var isUnblocked = false

    /// What other software left: the applet refuses to be selected until the issuer domain and then the legacy applet were.
    private enum Stuck: Hashable, Sendable {
        case no, yes, issuerDomainSelected
    }

    init(layout: CardLayout) {
        self.layout = layout
        stuck = layout.isAppletStuck ? .yes : .no
    }

    mutating func reset() { self = ChipDocSystem(layout: layout) }

    mutating func assumePINVerified() { codes.assumePINVerified() }

    func accepts(_ command: Command) -> StatusWord {
        if command.cla == LegacyVolume.cla, layout.hasLegacyVolume { return .ok }
        guard command.cla == 0x00 || command.cla == 0x01 else { return .classNotSupported }
        let isAppletSelection = command.ins == 0xA4 && command.p1 == 0x04
        return command.cla == 0x00 || isAppletSelected || isAppletSelection ? .ok : .logicalChannelNotSupported
    }

    mutating func perform(_ command: Command, on card: inout CardContent) -> Reply {
        if command.cla == LegacyVolume.cla { return legacy.perform(command) }
        guard command.cla == 0x01 else { return performOnBasicChannel(command) }
        switch command.ins {
        case 0xA4: return select(command, card)
        case 0xB0 where command.p1 & 0x80 == 0: return binary(command).read(command, card)
        case 0xD6 where command.p1 & 0x80 == 0: return binary(command).update(command, &card)
        case 0xB0, 0xD6: return .status(.incorrectP1P2)
        case 0x20: return verify(command, &card)
        case 0x24: return change(command, &card)
        case 0x2C: return unblock(command, &card)
        case 0x22: return manageEnvironment(command, card)
        case 0x2A: return performOperation(command, card)
        case 0x84: return .ok(card.random.bytes(command.le ?? 8))
        default: return .status(.instructionNotSupported)
        }
    }

    /// The legacy volume can be selected; MANAGE CHANNEL opens and closes channel 1 (ISO/IEC 7816-4 §7.1.2).
    private mutating func performOnBasicChannel(_ command: Command) -> Reply {
        switch (command.ins, command.p1, command.p2) {
        case (0xA4, 0x04, _):
            guard command.data == ApplicationName.legacy else { return .status(.fileNotFound) }
            if stuck == .issuerDomainSelected { stuck = .no }
            return .ok()
        case (0xA4, _, _): return .status(.fileNotFound)
        case (0x70, 0x00, 0x01): return .ok()
        case (0x70, 0x00, 0x00): return .ok([0x01])
        case (0x70, 0x80, 0x01):
            let before = stuck
            reset()
            stuck = before
            return .ok()
        case (0x70, _, _): return .status(.incorrectP1P2)
        default: return .status(.instructionNotSupported)
        }
    }

    private func binary(_ command: Command) -> BinaryAccess {
        BinaryAccess(location: location, isPINVerified: codes.isVerified(.pin), offset: command.offset)
    }

    /// SELECT with short paths; P2 is 00, which answers a template in tag 6F, or 0C.
    private mutating func select(_ command: Command, _ card: CardContent) -> Reply {
        guard command.p2 == 0x00 || command.p2 == 0x0C else { return .status(.incorrectP1P2) }
        let wanted: Location?
        switch command.p1 {
        case 0x00:
            guard command.data.count == 2 else { return .status(.wrongLength) }
            wanted = card.files.location(of: command.data, from: location.directory)
        case 0x03: wanted = .master
        case 0x04: return selectApplication(command, card)
        case 0x08: wanted = shortPath(command.data, from: FileTree.master, card)
        case 0x09: wanted = shortPath(command.data, from: location.directory, card)
        default: return .status(.incorrectP1P2)
        }
        guard let wanted else { return .status(.fileNotFound) }
        return move(to: wanted, command, card)
    }

    private mutating func selectApplication(_ command: Command, _ card: CardContent) -> Reply {
        if command.data == ApplicationName.auxiliary {
            let isStuck = stuck != .no
            reset()
            stuck = isStuck ? .issuerDomainSelected : .no
            return .ok()
        }
        guard stuck == .no else { return .status(.conditionsOfUseNotSatisfied) }
        guard isAppletSelected || command.data == ApplicationName.root else { return .status(.logicalChannelNotSupported) }
        guard let directory = card.files.directory(named: command.data) else { return .status(.fileNotFound) }
        isAppletSelected = true
        return move(to: Location(directory: directory.identifier, file: nil), command, card)
    }

    private func shortPath(_ path: [UInt8], from directory: UInt16, _ card: CardContent) -> Location? {
        path.starts(with: bytes(FileTree.master)) ? nil : card.files.location(of: path, from: directory)
    }

    private mutating func move(to wanted: Location, _ command: Command, _ card: CardContent) -> Reply {
        if wanted.directory != location.directory {
            (signature, rawKey) = (nil, nil)
            if layout.keepsCodesToApplication { codes = CodeCommands() }
        }
        location = wanted
        guard command.p2 == 0x00 else { return .ok() }
        if let file = card.files.file(at: wanted) { return .ok(card.control(of: file) { FileControl.chipDoc($0) }) }
        if layout.fileControl == .nothing { return .ok() }
        return card.files.directory(wanted.directory).map { .ok(FileControl.chipDoc($0)) } ?? .status(.fileNotFound)
    }
}
