import SmartCard

/// VERIFY and what follows from it, common to both generations (ISO/IEC 7816-4 §7.5.6).
struct CodeCommands: Sendable {
    private(set) var verified: Set<CodeKind> = []
    /// Signatures of the signature key since the PIN was last given.
    private var signatures = 0

    func isVerified(_ kind: CodeKind) -> Bool { verified.contains(kind) }

    /// Without data the command only asks: tries left, or `9000` when the code is verified already.
    mutating func verify(_ kind: CodeKind, _ block: [UInt8], _ card: inout CardContent) -> Reply {
        guard !block.isEmpty else {
            if card.code(kind).isBlocked { return .status(.authenticationMethodBlocked) }
            if isVerified(kind) { return .status(.ok) }
            return .status(card.layout.tellsTriesOnVerify ? .triesLeft(card.code(kind).triesLeft) : .wrongLength)
        }
        return compare(kind, block, &card)
    }

    /// Spends a try unless the block is right. A wrong one also ends an earlier verified state.
    mutating func compare(_ kind: CodeKind, _ block: [UInt8], _ card: inout CardContent) -> Reply {
        let form = card.layout.form(kind)
        guard block.count == form.blockLength else { return .status(.wrongLength) }
        guard !card.code(kind).isBlocked else {
            verified.remove(kind)
            return .status(.authenticationMethodBlocked)
        }
        guard let right = card.update(kind, { $0.accepts(block, as: form) }) else { return .status(.memoryFailure) }
        guard right else {
            verified.remove(kind)
            let left = card.code(kind).triesLeft
            if left == 0, card.layout.blocksAtOnce { return .status(.authenticationMethodBlocked) }
            return .status(card.layout.countsDown ? .triesLeft(left) : .wrongCode)
        }
        verified.insert(kind)
        if kind == .pin { signatures = 0 }
        return .ok()
    }

    /// Whether the signature key may sign now, and if so counts it.
    mutating func takeSignature(_ card: CardContent) -> Bool {
        guard isVerified(.pin), signatures < card.layout.signaturesPerPIN ?? Int.max else { return false }
        signatures += 1
        return true
    }

    /// Another program has verified the holder's code.
    mutating func assumePINVerified() { verified.insert(.pin) }

    /// Gives the PIN a new value and all its tries.
    static func setPIN(_ block: [UInt8], _ card: inout CardContent) -> Reply {
        let form = card.layout.form(.pin)
        guard block.count == form.blockLength else { return .status(.wrongLength) }
        guard let digits = form.digits(of: block) else { return .status(.incorrectData) }
        let stored: Void? = card.update(.pin) {
            $0.digits = digits
            $0.triesLeft = $0.maximumTries
        }
        return .status(stored == nil ? .memoryFailure : .ok)
    }
}
