import SmartCard

extension IASECCSystem {
    mutating func verify(_ command: Command, _ card: inout CardContent) -> Reply {
        guard command.p1 == 0x00 else { return .status(.incorrectP1P2) }
        guard !isContactless else { return .status(.conditionsOfUseNotSatisfied) }
        guard let kind = card.description.generation.codeReferences.kind(command.p2) else {
            return .status(.referencedDataNotFound)
        }
        return codes.verify(kind, command.data, &card)
    }

    /// CHANGE REFERENCE DATA with the old and the new block (ISO/IEC 7816-4 §7.5.7); the old one counts like VERIFY.
    mutating func change(_ command: Command, _ card: inout CardContent) -> Reply {
        guard !isContactless else { return .status(.conditionsOfUseNotSatisfied) }
        guard command.p1 == 0x00 else { return .status(.incorrectP1P2) }
        switch card.description.generation.codeReferences.kind(command.p2) {
        case nil: return .status(.referencedDataNotFound)
        case .puk: return .status(.securityStatusNotSatisfied)
        case .pin: break
        }
        guard command.data.count == 16 else { return .status(.wrongLength) }
        let new = Array(command.data.suffix(8))
        guard SecretCode.digits(of: new) != nil else { return .status(.incorrectData) }
        let reply = codes.compare(.pin, Array(command.data.prefix(8)), &card)
        return reply.status == .ok ? CodeCommands.setPIN(new, &card) : reply
    }

    /// RESET RETRY COUNTER with the new block alone, after the PUK (ISO/IEC 7816-4 §7.5.10).
    mutating func unblock(_ command: Command, _ card: inout CardContent) -> Reply {
        guard !isContactless else { return .status(.conditionsOfUseNotSatisfied) }
        guard command.p1 == 0x02 else { return .status(.incorrectP1P2) }
        guard card.description.generation.codeReferences.kind(command.p2) == .pin else {
            return .status(.referencedDataNotFound)
        }
        guard codes.isVerified(.puk) else { return .status(.securityStatusNotSatisfied) }
        return CodeCommands.setPIN(command.data, &card)
    }
}
