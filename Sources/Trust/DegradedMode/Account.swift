package import Identity
package import Primitives

/// A person who may get in without their card, and by which password. What callers see of it never holds a hash.
package struct Account: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        case enabled, disabled
        /// Its first password waits for a second person.
        case awaitingConfirmation = "awaiting_confirmation"
    }

    package let id: String
    /// The national identifier, or `local:ID` for a person without one.
    package let person: NationalID
    package let profile: PersonProfile
    /// Whether nobody may get in by it, whatever the password.
    package var isDisabled: Bool
    /// The password that fits; `nil` while the first one waits for a second person.
    package var wayIn: WayIn?
    /// One that somebody else set and a second person has to confirm. Until then it is as if it were not there.
    package var pending: WayIn?
    /// Hashes of earlier passwords, the latest first.
    package var history: [PasswordHash]
    package let createdAt: Timestamp
    package var changedAt: Timestamp

    /// Earlier passwords that are remembered.
    package static let mostHistory = 5

    package init(id: String, person: NationalID, profile: PersonProfile, at now: Timestamp) {
        self.id = id
        self.person = person
        self.profile = profile
        isDisabled = false
        history = []
        createdAt = now
        changedAt = now
    }

    init(
        id: String, person: NationalID, profile: PersonProfile, isDisabled: Bool, wayIn: WayIn?, pending: WayIn?,
        history: [PasswordHash], createdAt: Timestamp, changedAt: Timestamp
    ) {
        self.id = id
        self.person = person
        self.profile = profile
        self.isDisabled = isDisabled
        self.wayIn = wayIn
        self.pending = pending
        self.history = history
        self.createdAt = createdAt
        self.changedAt = changedAt
    }

    package var state: State { isDisabled ? .disabled : wayIn == nil ? .awaitingConfirmation : .enabled }

    /// The account of a person whose card says something else of them now; everything but the profile stays.
    package func with(_ profile: PersonProfile) -> Account {
        Account(
            id: id, person: person, profile: profile, isDisabled: isDisabled, wayIn: wayIn, pending: pending, history: history,
            createdAt: createdAt, changedAt: changedAt)
    }

    /// What an attempt is compared with: one hash in every case, so that time tells nothing.
    package var comparedHash: PasswordHash? { (wayIn ?? pending)?.hash }

    /// Hashes that a new password must not fit: the one in force and the last before it.
    package var usedHashes: [PasswordHash] { Array(((wayIn.map { [$0.hash] } ?? []) + history).prefix(Self.mostHistory)) }

    /// Puts a password in force; the one before is remembered.
    package mutating func take(_ new: WayIn, at now: Timestamp) {
        history = usedHashes
        wayIn = new
        pending = nil
        changedAt = now
    }

    /// What a new password must not be built from.
    package func subject(isAdministrator: Bool) -> PasswordSubject {
        PasswordSubject(
            names: [profile.familyName, profile.givenName].compactMap { $0 },
            identifiers: [person.text, person.rpps, id, profile.structureID?.text].compactMap { $0 }, isAdministrator: isAdministrator)
    }
}
