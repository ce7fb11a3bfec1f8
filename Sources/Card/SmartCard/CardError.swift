/// Everything that can go wrong between the agent and a card, one case a cause.
package enum CardError: Error, Hashable, Sendable {
    // The way to the card.
    /// No PC/SC service answers.
    case serviceUnavailable
    /// The PC/SC service answers but refuses this user (polkit).
    case notAuthorised
    /// The reader is not there, or no longer.
    case readerUnavailable
    /// The reader is empty.
    case cardAbsent
    /// The card left, or another stay of a card began, since it was asked for.
    case cardRemoved
    /// Another program reset the card under us.
    case cardReset
    /// Present, but it answers no reset or no command: dirty, damaged, or inserted the wrong way round.
    case cardMute
    /// Another program holds the card; its name where the system tells.
    case cardBusy(holder: String?)
    /// The time for the whole operation is used up.
    case deadlineExceeded
    /// PC/SC failed in a way that has no better name; its return code.
    case transportFailed(code: UInt32)

    // The card itself.
    /// Not a CPS card.
    case cardForeign
    /// Another card than the one that was read before.
    case cardDiffers
    /// A CPS card that is met over the air, where nobody can log in.
    case cardContactless
    /// A file that breaks its format; which.
    case cardDamaged(String)
    /// The card announces more and more of an answer, or never gives what it announced.
    case answerEndless
    /// What came back is no answer of a card: too short or too long for one.
    case answerMalformed
    /// An update of the card's content was begun and not ended (EF_ACTUA).
    case updateInterrupted
    /// The card refused a command that it should have accepted; what was being done.
    case unexpectedStatus(StatusWord, during: String)

    // The PIN.
    /// Not what this card's PIN can look like; the card was not asked.
    case pinFormat
    /// The card said no. Tries left where it told.
    case pinWrong(triesLeft: Int?)
    /// No tries are left.
    case pinBlocked
    /// Fewer tries of the code in question (PIN or PUK) are left than the person was shown; the card was not asked.
    case triesChanged(triesLeft: Int?)
    /// What the PIN was to become cannot be a PIN of this card; the card was not asked.
    case newPINFormat
    /// The card refused what the PIN was to become.
    case newPINRefused(StatusWord)
    /// Verified by us, yet the card asked for the PIN again: another program changed its state.
    case pinStateLost

    /// The card names no key to sign with that its holder is committed by.
    case signatureKeyMissing

    // The reader's keypad.
    /// The reader has none that it lets programs use, or none that suits this card; nothing was sent.
    case keypadUnavailable
    /// Nobody entered the PIN in time; the card was not asked.
    case keypadTimeout
    /// The person gave up on the keypad; the card was not asked.
    case keypadCancelled
    /// Two entries that should have been the same were not; the card was not asked.
    case keypadMismatch

    // The unblocking code.
    /// Not what this card's PUK can look like; the card was not asked.
    case pukFormat
    /// The card said no. Tries left where it told.
    case pukWrong(triesLeft: Int?)
    /// No tries of the PUK are left.
    case pukBlocked
    /// The PUK has been used as often as it may be in the card's life.
    case pukExhausted
    /// The card names no PUK.
    case pukMissing
}
