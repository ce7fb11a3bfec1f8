import Primitives
import SmartCard
import Testing

@testable import LoginFlow

/// Every cause has a code of its own.
struct CardErrorCodeTests {
    private static let causes: [(CardError, ErrorCode)] = [
        (.serviceUnavailable, .pcscUnavailable), (.notAuthorised, .pcscNotAuthorised), (.readerUnavailable, .noReader),
        (.cardAbsent, .cardAbsent), (.cardRemoved, .cardRemoved), (.cardReset, .cardReset), (.cardMute, .cardMute),
        (.cardBusy(holder: nil), .cardBusy), (.deadlineExceeded, .cardTimeout), (.cardForeign, .cardForeign),
        (.cardDiffers, .cardChanged), (.cardContactless, .cardContactless), (.cardDamaged("ODF"), .cardDamaged),
        (.updateInterrupted, .cardUpdateInterrupted), (.answerEndless, .cardAnswerEndless), (.answerMalformed, .cardAnswerMalformed),
        (.unexpectedStatus(.ok, during: "x"), .cardFailed), (.pinFormat, .pinFormat), (.pinWrong(triesLeft: 1), .pinWrong),
        (.pinBlocked, .pinBlocked), (.triesChanged(triesLeft: 1), .pinTriesChanged), (.pinStateLost, .pinStateLost),
        (.newPINFormat, .pinNewFormat), (.newPINRefused(.wrongLength), .pinNewRefused), (.pukFormat, .pukFormat),
        (.pukWrong(triesLeft: 1), .pukWrong), (.pukBlocked, .pukBlocked), (.pukExhausted, .pukExhausted), (.pukMissing, .pukMissing),
        (.keypadUnavailable, .keypadUnavailable), (.keypadTimeout, .keypadTimeout), (.keypadCancelled, .keypadCancelled),
        (.keypadMismatch, .keypadMismatch), (.signatureKeyMissing, .signatureKeyMissing),
    ]

    @Test func eachCauseHasItsCode() {
        for (error, code) in Self.causes { #expect(error.refusal.code == code) }
    }

    @Test func noTwoCausesShareOne() {
        #expect(Set(Self.causes.map { $0.0.refusal.code }).count == Self.causes.count)
    }

    @Test func aDamagedFileIsNamed() {
        #expect(CardError.cardDamaged("AODF").refusal.members["detail"] == "AODF")
    }
}
