/// How commands travel between terminal and card (ISO/IEC 7816-3).
package enum TransmissionProtocol: String, Hashable, Sendable {
    case t0 = "T=0"
    case t1 = "T=1"
}

/// What is done to the card when a transaction ends.
package enum AfterUse: String, Hashable, Sendable {
    /// The card forgets every verified PIN (promise P5).
    case reset
    /// The next program finds the card as we leave it.
    case leave
}

/// An open transaction with one card: nobody else talks to it meanwhile.
///
/// Calls block their thread. A channel is used by one thread and is dead once its transaction has ended.
package protocol CardChannel: AnyObject {
    var transmissionProtocol: TransmissionProtocol { get }

    /// What happens when the transaction ends, however it ends. Set to `reset` before the first VERIFY.
    var afterUse: AfterUse { get set }

    /// Sends one command as it is and gives the card's answer as it came, status word included.
    func transmit(_ command: UnsafeRawBufferPointer) throws(CardError) -> [UInt8]

    /// Has the person enter the PIN on the reader, which sends the command, and gives the answer: the card's, or the reader's own when
    /// nothing came to the card.
    ///
    /// Throws ``CardError/keypadUnavailable`` when the reader offers no such thing; nothing was sent then. Blocks for as long as the
    /// person takes, at most ``PINEntry/longest``.
    func enterPIN(_ entry: PINEntry) throws(CardError) -> StatusWord
}

/// The way to the cards: one transaction at a time a reader.
package protocol CardAccess: Sendable {
    /// Runs `body` inside one transaction with the card of `insertion`, on a thread that may block.
    ///
    /// Throws ``CardError/cardRemoved`` without running `body` when that stay has ended, and ``CardError/deadlineExceeded`` when
    /// `deadline` has passed, whatever still hangs; nothing is sent to the card after it. When another program reset the card under
    /// us and `rereads` is true, `body` is run once more: leave it false for whatever can cost a try.
    func transaction<Result: Sendable>(
        with insertion: Insertion, rereads: Bool, deadline: Duration,
        _ body: @escaping @Sendable (any CardChannel) throws(CardError) -> Result
    ) async throws(CardError) -> Result
}
