import SmartCard

/// The commands of one generation of card, with what it forgets when power goes.
protocol OperatingSystem: Sendable {
    /// Forgets selections, verified codes and security environments.
    mutating func reset()

    /// Another program has verified the holder's code.
    mutating func assumePINVerified()

    /// Whether a command of this class may come at all now; anything but `ok` is the answer.
    func accepts(_ command: Command) -> StatusWord

    mutating func perform(_ command: Command, on card: inout CardContent) -> Reply
}

/// What READ BINARY and UPDATE BINARY share between generations (ISO/IEC 7816-4 §7.2).
struct BinaryAccess: Sendable {
    let location: Location
    let isPINVerified: Bool
    let offset: Int

    func read(_ command: Command, _ card: CardContent) -> Reply {
        guard let file = card.files.file(at: location) else { return .status(.commandNotAllowed) }
        guard allowed(file.read) else { return .status(.securityStatusNotSatisfied) }
        guard offset < file.content.count else { return .status(.wrongOffset) }
        return .ok(Array(file.content[offset...].prefix(command.le ?? 256)))
    }

    func update(_ command: Command, _ card: inout CardContent) -> Reply {
        guard let file = card.files.file(at: location) else { return .status(.commandNotAllowed) }
        guard allowed(file.update) else { return .status(.securityStatusNotSatisfied) }
        guard !command.data.isEmpty else { return .status(.wrongLength) }
        guard offset + command.data.count <= file.content.count else { return .status(.wrongOffset) }
        var content = file.content
        content.replaceSubrange(offset..<offset + command.data.count, with: command.data)
        return .status(card.writeFreeData(content, at: location) ? .ok : .memoryFailure)
    }

    private func allowed(_ access: CardFile.Access) -> Bool {
        switch access {
        case .free: true
        case .pin: isPINVerified
        case .secured, .never: false
        }
    }
}

extension Command {
    /// Offset of a READ or UPDATE that names the current file.
    var offset: Int { Int(p1 & 0x7F) << 8 | Int(p2) }
}
