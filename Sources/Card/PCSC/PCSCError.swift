package import SmartCard

/// A return code of PC/SC (pcsc-lite `pcsclite.h`), by name where the agent tells it apart.
package struct PCSCError: Error, Hashable, Sendable {
    package let code: UInt32

    package init(code: UInt32) { self.code = code }

    package static let cancelled = PCSCError(code: 0x8010_0002)
    package static let invalidHandle = PCSCError(code: 0x8010_0003)
    package static let unknownReader = PCSCError(code: 0x8010_0009)
    package static let timeout = PCSCError(code: 0x8010_000A)
    package static let sharingViolation = PCSCError(code: 0x8010_000B)
    package static let noSmartCard = PCSCError(code: 0x8010_000C)
    package static let protocolMismatch = PCSCError(code: 0x8010_000F)
    package static let notTransacted = PCSCError(code: 0x8010_0016)
    package static let readerUnavailable = PCSCError(code: 0x8010_0017)
    package static let noService = PCSCError(code: 0x8010_001D)
    package static let unsupportedFeature = PCSCError(code: 0x8010_001F)
    package static let serviceStopped = PCSCError(code: 0x8010_001E)
    package static let noReadersAvailable = PCSCError(code: 0x8010_002E)
    package static let communicationFault = PCSCError(code: 0x8010_0013)
    package static let unresponsiveCard = PCSCError(code: 0x8010_0066)
    package static let unpoweredCard = PCSCError(code: 0x8010_0067)
    package static let resetCard = PCSCError(code: 0x8010_0068)
    package static let removedCard = PCSCError(code: 0x8010_0069)
    package static let securityViolation = PCSCError(code: 0x8010_006A)

    /// Whether the service itself is out of reach, so that every handle is worthless.
    package var isServiceLoss: Bool {
        [.noService, .serviceStopped, .invalidHandle, .communicationFault].contains(self)
    }

    /// What it means for somebody who wanted to use a card.
    package var cardError: CardError {
        switch self {
        case .noService, .serviceStopped, .invalidHandle, .communicationFault: .serviceUnavailable
        case .securityViolation: .notAuthorised
        case .unknownReader, .readerUnavailable, .noReadersAvailable: .readerUnavailable
        case .noSmartCard: .cardAbsent
        case .removedCard: .cardRemoved
        case .resetCard: .cardReset
        case .unresponsiveCard, .unpoweredCard, .protocolMismatch, .notTransacted: .cardMute
        case .sharingViolation: .cardBusy(holder: nil)
        case .timeout: .deadlineExceeded
        default: .transportFailed(code: code)
        }
    }
}
