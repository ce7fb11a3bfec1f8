package import Primitives
package import SmartCard

/// What spends codes. Each operation sends at most one command that can cost a try, never twice, and only after making sure that this
/// is the card that was read and that no more tries are at stake than the person was shown.
extension CPSCard {
    /// Tries and uses left of both codes, without spending any.
    package func codeCounters(_ content: CardContent) throws(CardError) -> CodeCounters {
        try enterApplication(content)
        let pin = try dialect.codeStatus(content.pin, application: content.application).counter
        guard let puk = content.puk else { return CodeCounters(pin: pin, puk: nil) }
        return CodeCounters(pin: pin, puk: try dialect.codeStatus(puk, application: content.application).counter)
    }

    /// Verifies the PIN, and leaves the application current. Whatever happens after it, the card forgets the PIN when the transaction
    /// ends, unless another program had verified before us or `afterUse` says `leave`.
    ///
    /// - Parameter triesShown: what the person knew; when fewer are left now, or the card no longer tells:
    ///   ``CardError/triesChanged(triesLeft:)``, and nothing is sent.
    package func verifyPIN(
        _ content: CardContent, pin: borrowing Secret, triesShown: Int?, afterUse: AfterUse
    ) throws(CardError) {
        let block = try Self.block(content.pin, pin, orThrow: .pinFormat)
        try stakePIN(content, content.pin, triesShown: triesShown, afterUse: afterUse)
        try verify(content.pin, block)
    }

    /// Sends the PIN, once.
    func verify(_ pin: PINObject, _ block: borrowing Secret) throws(CardError) {
        let answer = try dialect.verify(pin, block)
        guard answer == .ok else { throw .refusal(ofPIN: answer, during: "verify PIN") }
    }

    /// Has the person enter the PIN on the reader's own keypad, with the same care as ``verifyPIN(_:pin:triesShown:afterUse:)``.
    ///
    /// An entry that timed out or was given up spends no try, if the reader tells the truth: the tries are to be read again.
    package func verifyPINByKeypad(_ content: CardContent, triesShown: Int?, afterUse: AfterUse) throws(CardError) {
        let pin = content.pin
        // Only a block of fixed size can be asked for: how readers fit the length of any other into the command differs.
        guard let padding = pin.padding,
            let entry = PINEntry(
                header: dialect.verifyHeader(pin), minimumLength: pin.minimumLength, maximumLength: pin.maximumLength,
                blockLength: pin.storedLength, padding: padding)
        else { throw .keypadUnavailable }
        try stakePIN(content, pin, triesShown: triesShown, afterUse: afterUse)
        let answer = try channel.enterPIN(entry)
        guard answer == .ok else { throw .refusal(ofEntry: answer) }
    }

    /// Gives the PIN a new value.
    ///
    /// When the card leaves or falls silent meanwhile, either value may be the one in force.
    package func changePIN(
        _ content: CardContent, old: borrowing Secret, new: borrowing Secret, triesShown: Int?, afterUse: AfterUse
    ) throws(CardError) {
        let oldBlock = try Self.block(content.pin, old, orThrow: .pinFormat)
        let newBlock = try Self.block(content.pin, new, orThrow: .newPINFormat)
        try stakePIN(content, content.pin, triesShown: triesShown, afterUse: afterUse)
        try dialect.change(content.pin, old: oldBlock, new: newBlock)
    }

    /// Gives the PIN a new value and all its tries, by the unblocking code.
    ///
    /// The verified PUK would let every program on the machine set another PIN: with `reset` it is forgotten even when another program
    /// had verified a code before us.
    /// - Parameter triesShown: of the PUK, as the person was shown them; see ``verifyPIN(_:pin:triesShown:afterUse:)``.
    package func unblockPIN(
        _ content: CardContent, puk: borrowing Secret, new: borrowing Secret, triesShown: Int?, afterUse: AfterUse
    ) throws(CardError) {
        guard let object = content.puk else { throw .pukMissing }
        let pukBlock = try Self.block(object, puk, orThrow: .pukFormat)
        let newBlock = try Self.block(content.pin, new, orThrow: .newPINFormat)
        try sameCard(content)
        try enterApplication(content)
        let status = try dialect.codeStatus(object, application: content.application)
        if status.counter.usesLeft == 0 { throw .pukExhausted }
        if status.counter.triesLeft == 0 { throw .pukBlocked }
        try Self.compare(status.counter.triesLeft, status.verified, shown: triesShown)
        channel.afterUse = afterUse
        let answer = try dialect.verify(object, pukBlock)
        guard answer == .ok else { throw .refusal(ofPUK: answer) }
        try dialect.unblock(content.pin, new: newBlock)
    }

    /// Whether these bytes can be a PIN of this card: digits, as many as it takes.
    package static func isWellFormed(_ pin: borrowing Secret, for object: PINObject) -> Bool {
        guard (object.minimumLength...object.maximumLength).contains(pin.count) else { return false }
        return pin.withBytes { bytes in bytes.allSatisfy { (0x30...0x39).contains($0) } }
    }

    /// Whether these bytes can be the unblocking code of this card; false when the card names none.
    package static func isWellFormed(_ puk: borrowing Secret, asPUKFor content: CardContent) -> Bool {
        guard let object = content.puk else { return false }
        return isWellFormed(puk, for: object)
    }

    /// What a code command carries: the digits, padded as the card's directory says.
    static func block(
        _ object: PINObject, _ code: borrowing Secret, orThrow error: CardError
    ) throws(CardError) -> Secret {
        guard isWellFormed(code, for: object) else { throw error }
        return code.withBytes { bytes in
            Secret(count: object.padding == nil ? bytes.count : max(object.storedLength, bytes.count)) { buffer in
                buffer.initializeMemory(as: UInt8.self, repeating: object.padding ?? 0)
                buffer.copyBytes(from: bytes)
            }
        }
    }

    /// Refuses to spend a try of the PIN that nobody agreed to; from here on the card is reset when the transaction ends.
    func stakePIN(_ content: CardContent, _ pin: PINObject, triesShown: Int?, afterUse: AfterUse) throws(CardError) {
        try sameCard(content)
        try enterApplication(content)
        let status = try dialect.pinStatus(pin, application: content.application)
        if status.triesLeft == 0 { throw .pinBlocked }
        try Self.compare(status.triesLeft, status.verified, shown: triesShown)
        channel.afterUse = status.verified ? .leave : afterUse
    }

    func sameCard(_ content: CardContent) throws(CardError) {
        guard try serial() == content.identity.serial else { throw .cardDiffers }
    }

    private static func compare(_ left: Int?, _ isVerified: Bool, shown: Int?) throws(CardError) {
        if let left {
            // Whoever was shown no number has not agreed to spend the last try.
            if left < shown ?? 2 { throw .triesChanged(triesLeft: left) }
        } else if shown != nil, !isVerified {
            throw .triesChanged(triesLeft: nil)
        }
    }
}
