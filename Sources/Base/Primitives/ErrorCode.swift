/// The stable codes of refusals and errors: what callers, traces and `Docs/Errors.md` name. A closed list.
package enum ErrorCode: String, Hashable, Sendable, CaseIterable {
    // The request.
    case invalidRequest = "invalid_request"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case payloadTooLarge = "payload_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case forbidden
    case notAtSeat = "not_at_seat"
    case operationDenied = "operation_denied"
    case audienceDenied = "audience_denied"
    case rateLimited = "rate_limited"

    // Readers and cards.
    case pcscUnavailable = "pcsc_unavailable"
    case pcscNotAuthorised = "pcsc_not_authorised"
    case readerNotFound = "reader_not_found"
    case readerNotAllowed = "reader_not_allowed"
    case noReader = "no_reader"
    case cardAbsent = "card_absent"
    case cardRemoved = "card_removed"
    case cardChanged = "card_changed"
    case cardMute = "card_mute"
    case cardForeign = "card_foreign"
    case cardContactless = "card_contactless"
    case cardBusy = "card_busy"
    case cardReset = "card_reset"
    case cardUnproven = "card_unproven"
    case cardDamaged = "card_damaged"
    case cardAnswerEndless = "card_answer_endless"
    case cardAnswerMalformed = "card_answer_malformed"
    case cardUpdateInterrupted = "card_update_interrupted"
    case cardTimeout = "card_timeout"
    case cardFailed = "card_failed"

    // The PIN.
    case pinFormat = "pin_format"
    case pinWrong = "pin_wrong"
    case pinBlocked = "pin_blocked"
    case pinTriesChanged = "pin_tries_changed"
    case lastTryConsentRequired = "last_try_consent_required"
    case pinStateLost = "pin_state_lost"
    case pinNewFormat = "pin_new_format"
    case pinNewRefused = "pin_new_refused"
    case pukFormat = "puk_format"
    case pukWrong = "puk_wrong"
    case pukBlocked = "puk_blocked"
    case pukExhausted = "puk_exhausted"
    case pukMissing = "puk_missing"
    case keypadUnavailable = "keypad_unavailable"
    case keypadTimeout = "keypad_timeout"
    case keypadCancelled = "keypad_cancelled"
    case keypadMismatch = "keypad_mismatch"

    // The certificate.
    case certificateMalformed = "certificate_malformed"
    case certificateUntrusted = "certificate_untrusted"
    case certificateExpired = "certificate_expired"
    case certificateNotYetValid = "certificate_not_yet_valid"
    case certificateRevoked = "certificate_revoked"
    case revocationStale = "revocation_stale"
    case certificateWrongUsage = "certificate_wrong_usage"
    case certificateWeak = "certificate_weak"
    case certificateEnvironment = "certificate_environment"
    case proofInvalid = "proof_invalid"

    // Logins, sessions, tokens.
    case loginNotFound = "login_not_found"
    case loginExpired = "login_expired"
    case loginBusy = "login_busy"
    case loginState = "login_state"
    case sessionNotFound = "session_not_found"
    case sessionEnded = "session_ended"
    case sessionLocked = "session_locked"
    case sessionNotLocked = "session_not_locked"
    case profileRequired = "profile_required"
    case profileUnknown = "profile_unknown"
    case profileChanged = "profile_changed"
    case scopeDenied = "scope_denied"
    case habilitationInvalid = "habilitation_invalid"
    case audienceRequired = "audience_required"
    case sessionNotExtendable = "session_not_extendable"

    // Without the card.
    case degradedDisabled = "degraded_disabled"
    case vouchingDenied = "vouching_denied"
    case cardReportedLost = "card_reported_lost"

    // Accounts of this machine.
    case localAccountUnmapped = "local_account_unmapped"
    case localAccountMismatch = "local_account_mismatch"
    case localAccountMissing = "local_account_missing"
    case localAccountUnavailable = "local_account_unavailable"

    // Phones and tablets.
    case mobileDisabled = "mobile_disabled"
    case pairingNotFound = "pairing_not_found"
    case pairingState = "pairing_state"
    case pairingDigits = "pairing_digits"
    case userCodeUnknown = "user_code_unknown"
    case deviceNotFound = "device_not_found"
    case deviceLost = "device_lost"
    case deviceLimit = "device_limit"

    // Accounts and passwords.
    case credentialsRefused = "credentials_refused"
    case passwordFormat = "password_format"
    case passwordWeak = "password_weak"
    case passwordWait = "password_wait"
    case passwordExpired = "password_expired"
    case passwordChangeRequired = "password_change_required"
    case sourceLocked = "source_locked"
    case hashingBusy = "hashing_busy"
    case dictionaryMissing = "dictionary_missing"
    case accountNotFound = "account_not_found"
    case accountExists = "account_exists"
    case accountDisabled = "account_disabled"
    case accountUnconfirmed = "account_unconfirmed"
    case nothingToConfirm = "nothing_to_confirm"
    case secondPersonRequired = "second_person_required"

    // The directory.
    case personUnknown = "person_unknown"
    case importNotFound = "import_not_found"
    case importOffset = "import_offset"
    case directoryFormat = "directory_format"
    case directoryEmpty = "directory_empty"

    // Signatures.
    case signatureKeyMissing = "signature_key_missing"
    case cardSessionRequired = "card_session_required"
    case hashInvalid = "hash_invalid"
    case batchTooLarge = "batch_too_large"
    case documentMissing = "document_missing"
    case timestampUnavailable = "timestamp_unavailable"

    // Emergencies.
    case breakGlassDenied = "break_glass_denied"
    case breakGlassReason = "break_glass_reason"
    case breakGlassActive = "break_glass_active"
    case breakGlassNotFound = "break_glass_not_found"
    case breakGlassEnded = "break_glass_ended"
    case breakGlassLimit = "break_glass_limit"
    case reviewDenied = "review_denied"
    case reviewExists = "review_exists"

    // The agent.
    case traceUnavailable = "trace_unavailable"
    case traceInvalid = "trace_invalid"
    case retentionDenied = "retention_denied"
    case agentUnreachable = "agent_unreachable"
    case agentStopping = "agent_stopping"
    case internalError = "internal_error"
}

/// A request that is not granted: its stable code, and what the case needs to be understood.
package struct Refusal: Error, Hashable, Sendable {
    package let code: ErrorCode
    /// Extra members of the answer: `tries_left`, `held_by`, `last_try_consent`...
    package let members: [String: JSON]

    package init(_ code: ErrorCode, _ members: [String: JSON] = [:]) {
        self.code = code
        self.members = members
    }
}
