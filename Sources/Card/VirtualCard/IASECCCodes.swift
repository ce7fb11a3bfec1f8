import SmartCard

extension IASECCSystem {
    mutating func verify(_ command: Command, _ card: inout CardContent) -> Reply {
        guard command.p1 == 0x00 else { return .status(.incorrectP1P2) }
        guard !isContactless else { return .status(.conditionsOfUseNotSatisfied) }
        guard let kind = code(command.p2, card) else {
            return .status(card.layout.referenceMissing)
        }
        return codes.verify(kind, command.data, &card)
    }

    /// CHANGE REFERENCE DATA with the old and the new block (ISO/IEC 7816-4 §7.5.7); the old one counts like VERIFY.
    mutating func change(_ command: Command, _ card: inout CardContent) -> Reply {
        guard !isContactless else { return .status(.conditionsOfUseNotSatisfied) }
        guard command.p1 == 0x00 else { return .status(.incorrectP1P2) }
        switch code(command.p2, card) {
        case nil: return .status(card.layout.referenceMissing)
        case .puk: return .status(.securityStatusNotSatisfied)
        case .pin: break
        }
        let form = card.layout.pin
        guard command.data.count == 2 * form.blockLength else { return .status(.wrongLength) }
        let new = Array(command.data.suffix(form.blockLength))
        guard form.digits(of: new) != nil else { return .status(.incorrectData) }
        let reply = codes.compare(.pin, Array(command.data.prefix(form.blockLength)), &card)
        return reply.status == .ok ? CodeCommands.setPIN(new, &card) : reply
    }

    /// RESET RETRY COUNTER with the new block alone, after the PUK (ISO/IEC 7816-4 §7.5.10).
    mutating func unblock(_ command: Command, _ card: inout CardContent) -> Reply {
        guard !isContactless else { return .status(.conditionsOfUseNotSatisfied) }
        guard command.p1 == 0x02 else { return .status(.incorrectP1P2) }
        guard code(command.p2, card) == .pin else {
            return .status(card.layout.referenceMissing)
        }
        guard codes.isVerified(.puk) else { return .status(.securityStatusNotSatisfied) }
        return CodeCommands.setPIN(command.data, &card)
    }

    /// The code that a reference names, here.
    private func code(_ reference: UInt8, _ card: CardContent) -> CodeKind? {
        if card.layout.keepsCodesToApplication, location.directory == FileTree.master { return nil }
        return card.layout.codeReferences.kind(reference)
    }
}
