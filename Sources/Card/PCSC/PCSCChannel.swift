internal import SmartCard

/// An open PC/SC transaction.
final class PCSCChannel: CardChannel {
    let transmissionProtocol: TransmissionProtocol
    var afterUse = AfterUse.leave
    private let manager: any ResourceManager
    private let card: Int
    private let deadline: ContinuousClock.Instant

    init(manager: any ResourceManager, card: Int, transmissionProtocol: TransmissionProtocol, deadline: ContinuousClock.Instant) {
        self.manager = manager
        self.card = card
        self.transmissionProtocol = transmissionProtocol
        self.deadline = deadline
    }

    func transmit(_ command: UnsafeRawBufferPointer) throws(CardError) -> [UInt8] {
        guard ContinuousClock.now < deadline else { throw .deadlineExceeded }
        do throws(PCSCError) {
            return try manager.transmit(card, transmissionProtocol, command)
        } catch {
            throw error.cardError
        }
    }
}
