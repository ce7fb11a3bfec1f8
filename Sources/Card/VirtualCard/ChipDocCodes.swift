import SmartCard

extension ChipDocSystem {
    mutating func verify(_ command: Command, _ card: inout CardContent) -> Reply {
        guard command.p1 == 0x00 else { return .status(.incorrectP1P2) }
        guard let kind = code(command.p2, card) else {
            return .status(card.layout.referenceMissing)
        }
        return codes.verify(kind, command.data, &card)
    }

    /// The new value alone: the old one, or the PUK and a reset counter, came just before.
    mutating func change(_ command: Command, _ card: inout CardContent) -> Reply {
        guard command.p1 == 0x01 else { return .status(.incorrectP1P2) }
        guard code(command.p2, card) == .pin else {
            return .status(card.layout.referenceMissing)
        }
        guard codes.isVerified(.pin) || isUnblocked else { return .status(.securityStatusNotSatisfied) }
        let reply = CodeCommands.setPIN(command.data, &card)
        if reply.status == .ok { isUnblocked = false }
        return reply
    }

    /// RESET RETRY COUNTER without data after the PUK; the reference carries bit 80.
    mutating func unblock(_ command: Command, _ card: inout CardContent) -> Reply {
        guard command.p1 == 0x03 else { return .status(.incorrectP1P2) }
        guard command.p2 & 0x80 != 0, code(command.p2 & 0x7F, card) == .pin else {
            return .status(card.layout.referenceMissing)
        }
        guard command.data.isEmpty else { return .status(.wrongLength) }
        guard codes.isVerified(.puk) else { return .status(.securityStatusNotSatisfied) }
        let stored: Void? = card.update(.pin) { $0.triesLeft = $0.maximumTries }
        guard stored != nil else { return .status(.memoryFailure) }
        isUnblocked = true
        return .ok()
    }

    /// The code that a reference names, here.
    private func code(_ reference: UInt8, _ card: CardContent) -> CodeKind? {
        if card.layout.keepsCodesToApplication, location.directory == FileTree.master { return nil }
        return card.layout.codeReferences.kind(reference)
    }
}
