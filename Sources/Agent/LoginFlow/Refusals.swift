internal import PKI
internal import Primitives
internal import Sessions
internal import SmartCard

extension CardError {
    /// What somebody who wanted to use the card is told.
    var refusal: Refusal {
        switch self {
        case .serviceUnavailable: Refusal(.pcscUnavailable)
        case .notAuthorised: Refusal(.pcscNotAuthorised)
        case .readerUnavailable: Refusal(.noReader)
        case .cardAbsent: Refusal(.cardAbsent)
        case .cardRemoved: Refusal(.cardRemoved)
        case .cardReset: Refusal(.cardReset)
        case .cardMute: Refusal(.cardMute)
        case .cardBusy(let holder): Refusal(.cardBusy, holder.map { ["held_by": .string($0)] } ?? [:])
        case .deadlineExceeded: Refusal(.cardTimeout)
        case .transportFailed(let code): Refusal(.cardFailed, ["detail": .string("PC/SC \(String(code, radix: 16))")])
        case .cardForeign: Refusal(.cardForeign)
        case .cardDiffers: Refusal(.cardChanged)
        case .cardContactless: Refusal(.cardContactless)
        case .answerEndless: Refusal(.cardAnswerEndless)
        case .answerMalformed: Refusal(.cardAnswerMalformed)
        case .cardDamaged(let what): Refusal(.cardDamaged, ["detail": .string(what)])
        case .updateInterrupted: Refusal(.cardUpdateInterrupted)
        case .unexpectedStatus(let status, let step):
            Refusal(.cardFailed, ["detail": .string("\(step): \(status)"), "status_word": .string(status.description)])
        case .pinFormat: Refusal(.pinFormat)
        case .pinWrong(let left): Refusal(.pinWrong, ["tries_left": left.map { .int(Int64($0)) } ?? "unknown"])
        case .pinBlocked: Refusal(.pinBlocked, ["tries_left": 0])
        case .triesChanged(let left): Refusal(.pinTriesChanged, ["tries_left": left.map { .int(Int64($0)) } ?? "unknown"])
        case .pinStateLost: Refusal(.pinStateLost)
        case .newPINFormat: Refusal(.pinNewFormat)
        case .newPINRefused(let status): Refusal(.pinNewRefused, ["status_word": .string(status.description)])
        case .keypadUnavailable: Refusal(.keypadUnavailable)
        case .keypadTimeout: Refusal(.keypadTimeout)
        case .keypadCancelled: Refusal(.keypadCancelled)
        case .keypadMismatch: Refusal(.keypadMismatch)
        case .pukFormat: Refusal(.pukFormat)
        case .pukWrong(let left): Refusal(.pukWrong, ["tries_left": left.map { .int(Int64($0)) } ?? "unknown"])
        case .pukBlocked: Refusal(.pukBlocked, ["tries_left": 0])
        case .pukExhausted: Refusal(.pukExhausted)
        case .pukMissing: Refusal(.pukMissing)
        case .signatureKeyMissing: Refusal(.signatureKeyMissing)
        }
    }
}

extension CertificateRefusal {
    /// Whether one wrong byte on the way from the card could be the reason.
    var isOfBytes: Bool {
        switch self {
        case .malformed, .untrusted: true
        case .expired, .notYetValid, .wrongUsage, .weak, .environmentMismatch, .revoked, .revocationUnknown: false
        }
    }

    var refusal: Refusal {
        switch self {
        case .malformed: Refusal(.certificateMalformed)
        case .untrusted(let reason): Refusal(.certificateUntrusted, ["detail": .string(reason.text)])
        case .expired(let end): Refusal(.certificateExpired, ["not_after": .string(end.description)])
        case .notYetValid(let start): Refusal(.certificateNotYetValid, ["not_before": .string(start.description)])
        case .wrongUsage: Refusal(.certificateWrongUsage)
        case .weak: Refusal(.certificateWeak)
        case .environmentMismatch: Refusal(.certificateEnvironment)
        case .revoked(let since): Refusal(.certificateRevoked, ["revoked_at": .string(since.description)])
        case .revocationUnknown(let asOf): Refusal(.revocationStale, ["as_of": JSON(asOf?.description)])
        }
    }
}

extension CertificateRefusal.Reason {
    fileprivate var text: String {
        switch self {
        case .unknownIssuer: "unknown issuer"
        case .badSignature: "not signed by the issuer it names"
        case .authorityOutsideDates: "an authority above it is outside its dates"
        case .invalidPath(let reason): reason
        }
    }
}
