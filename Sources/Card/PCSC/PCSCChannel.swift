internal import SmartCard

/// An open PC/SC transaction.
final class PCSCChannel: CardChannel {
    let transmissionProtocol: TransmissionProtocol
    var afterUse = AfterUse.leave
    private let manager: any ResourceManager
    private let card: Int
    private let deadline: ContinuousClock.Instant
    private let progress: any LaneProgress

    init(
        manager: any ResourceManager, card: Int, transmissionProtocol: TransmissionProtocol, deadline: ContinuousClock.Instant,
        progress: any LaneProgress
    ) {
        self.manager = manager
        self.card = card
        self.transmissionProtocol = transmissionProtocol
        self.deadline = deadline
        self.progress = progress
    }

    func enterPIN(_ entry: PINEntry) throws(CardError) -> StatusWord {
        guard !progress.isGiven, ContinuousClock.now < deadline else { throw .deadlineExceeded }
        progress.reach(.exchanging)
        let answer: [UInt8]
        do throws(PCSCError) {
            guard let code = ReaderFeatures(answer: try manager.features(card)).verifyPINDirect else { throw PCSCError.unsupportedFeature }
            // What was given up on meanwhile must not ask a person for a PIN.
            guard !progress.isGiven else { throw PCSCError.timeout }
            progress.reach(.entering(PINEntry.longest))
            answer = try manager.control(card, code, entry.structure)
        } catch {
            throw error == .unsupportedFeature ? .keypadUnavailable : error.cardError
        }
        guard !answer.isEmpty else { throw .cardMute }
        guard answer.count == 2, let response = ResponseAPDU(bytes: answer) else { throw .answerMalformed }
        return response.status
    }

    func transmit(_ command: UnsafeRawBufferPointer) throws(CardError) -> [UInt8] {
        // What was given up on, for this command's silence or another's, sends nothing more.
        guard !progress.isGiven, ContinuousClock.now < deadline else { throw .deadlineExceeded }
        progress.reach(.exchanging)
        do throws(PCSCError) {
            return try manager.transmit(card, transmissionProtocol, command)
        } catch {
            throw error.cardError
        }
    }
}
