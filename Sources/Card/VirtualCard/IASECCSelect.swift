import SmartCard

extension IASECCSystem {
    private static let wantsFCP: UInt8 = 0x04
    private static let wantsNothing: UInt8 = 0x0C

    /// SELECT as a CPS3 speaks it: P2 is 04 or 0C only, but 00 is taken for the root's name.
    mutating func select(_ command: Command, _ card: CardContent) -> Reply {
        if command.p1 == 0x04, command.data == ApplicationName.root, command.p2 == 0x00 {
            move(to: .master)
            return .ok()
        }
        guard command.p2 == Self.wantsFCP || command.p2 == Self.wantsNothing else { return .status(.incorrectP1P2) }
        let wanted: Location?
        switch command.p1 {
        case 0x00, 0x01, 0x02:
            guard command.data.count == 2 else { return .status(.wrongLength) }
            wanted = card.files.location(of: command.data, from: location.directory)
        case 0x03: wanted = .master
        case 0x04: wanted = card.files.directory(named: command.data).map { Location(directory: $0.identifier, file: nil) }
        case 0x08: wanted = card.files.location(of: command.data, from: FileTree.master)
        case 0x09: wanted = path(command.data, card)
        default: return .status(.incorrectP1P2)
        }
        guard let wanted else { return .status(.fileNotFound) }
        move(to: wanted)
        return command.p2 == Self.wantsFCP ? .ok(control(of: wanted, card)) : .ok()
    }

    /// A path from 3F00, or a short one while the master file is current.
    private func path(_ path: [UInt8], _ card: CardContent) -> Location? {
        let isAbsolute = path.starts(with: bytes(FileTree.master))
        guard isAbsolute || location.directory == FileTree.master else { return nil }
        return card.files.location(of: path, from: FileTree.master)
    }

    private mutating func move(to wanted: Location) {
        if wanted.directory != location.directory {
            environment = IASECCEnvironment()
            if forgetsCodes { codes = CodeCommands() }
        }
        location = wanted
    }

    /// The master file has no template to give.
    private func control(of location: Location, _ card: CardContent) -> [UInt8] {
        if let file = card.files.file(at: location) { return card.control(of: file) { FileControl.iasECC($0) } }
        guard location != .master, card.layout.fileControl != .nothing, let directory = card.files.directory(location.directory)
        else { return [] }
        return FileControl.iasECC(directory)
    }
}
