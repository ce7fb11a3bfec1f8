/// What a trace can be about. The list is closed; `Docs/Audit.md` gives the meaning of each name.
///
/// A name, once released, is never renamed or given another meaning: readers of old logs rely on it.
package enum TraceEvent: String, Hashable, Sendable, CaseIterable {
    case agentStarted = "agent.started"
    case agentStopped = "agent.stopped"
    case agentRefused = "agent.refused"
    case configLoaded = "config.loaded"
    case trustLoaded = "trust.loaded"
    case trustListLoaded = "trust.list_loaded"
    case trustListRefused = "trust.list_refused"
    case trustFetchFailed = "trust.fetch_failed"
    case trustOCSPFailed = "trust.ocsp_failed"
    case habilitationLoaded = "habilitation.loaded"
    case habilitationFileRefused = "habilitation.file_refused"
    case clockJumped = "clock.jumped"
    case clockBehind = "clock.behind"

    case monitoringLost = "monitoring.lost"
    case monitoringRestored = "monitoring.restored"

    case cardRead = "card.read"
    case cardRefused = "card.refused"
    case cardForeign = "card.foreign"
    case cardMute = "card.mute"

    case pinVerified = "pin.verified"
    case pinRefused = "pin.refused"
    case pinBlocked = "pin.blocked"
    case pinRequested = "pin.requested"
    case pinChanged = "pin.changed"
    case pinUnblocked = "pin.unblocked"
    case pinFailed = "pin.failed"
    case pinCancelled = "pin.cancelled"
    case pinExpired = "pin.expired"

    case loginStarted = "login.started"
    case loginRefused = "login.refused"
    case loginFailed = "login.failed"
    case loginCancelled = "login.cancelled"
    case loginExpired = "login.expired"

    case sessionOpened = "session.opened"
    case sessionProfileChosen = "session.profile_chosen"
    case sessionLocked = "session.locked"
    case sessionUnlocked = "session.unlocked"
    case sessionReassessed = "session.reassessed"
    case sessionEnded = "session.ended"
    case sessionRefused = "session.refused"

    case tokenIssued = "token.issued"
    case tokenRefused = "token.refused"
    case tokenRevoked = "token.revoked"

    case degradedRefused = "degraded.refused"

    case accountCreated = "account.created"
    case accountReset = "account.reset"
    case accountConfirmed = "account.confirmed"
    case accountPasswordSet = "account.password_set"
    case accountDisabled = "account.disabled"
    case accountEnabled = "account.enabled"
    case accountLocked = "account.locked"
    case accountUnlocked = "account.unlocked"
    case accountRefused = "account.refused"

    case directoryImported = "directory.imported"
    case directoryRefused = "directory.refused"
    case directoryLost = "directory.lost"
    case signatureRequested = "signature.requested"
    case signatureMade = "signature.made"
    case signatureRefused = "signature.refused"
    case signatureFailed = "signature.failed"
    case signatureCancelled = "signature.cancelled"
    case signatureExpired = "signature.expired"

    case auditRead = "audit.read"
    case auditRefused = "audit.refused"
    case auditVerified = "audit.verified"
    case auditExported = "audit.exported"
    case auditAnchored = "audit.anchored"
    case auditAnchorFailed = "audit.anchor_failed"
    case auditTimestamped = "audit.timestamped"
    case auditTimestampFailed = "audit.timestamp_failed"
    case auditKeyChanged = "audit.key_changed"
    case auditRolledBack = "audit.rolled_back"
    case auditForwardFailed = "audit.forward_failed"
    case auditForwardRestored = "audit.forward_restored"
    case auditRetentionRequested = "audit.retention_requested"
    case auditRetained = "audit.retained"
    case auditReserveUsed = "audit.reserve_used"
    case auditReserveEmptied = "audit.reserve_emptied"
    case auditReserveDamaged = "audit.reserve_damaged"
}

extension TraceEvent {
    /// Whether it is about a batch of signatures.
    package var isSignature: Bool { rawValue.hasPrefix("signature.") }
}
