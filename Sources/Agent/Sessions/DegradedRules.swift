package import ConfigurationFile
package import Primitives

/// What an establishment decides about sessions without the card (promise P6). Off until it says otherwise, and why it may.
package struct DegradedRules: Hashable, Sendable {
    package let isEnabled: Bool
    /// Who decided that this way in may be used; `nil` while it is off.
    package let homologation: DegradedSection.Homologation?
    /// Seconds that a session lasts, and the most that it may be extended to.
    package let usual: Int64
    package let longest: Int64
    /// Seconds that a session lasts for which a colleague vouched, at most.
    package let vouched: Int64
    /// Seconds in which each has to be reviewed.
    package let reviewWithin: Int64
    /// Codes of why a card is not used.
    package let reasons: [String]
    /// Whom to call, for those who cannot come in.
    package let contact: String?
    /// Seconds after which people are asked to choose another password; `nil` for never.
    package let passwordAge: Int64?

    package static let off = DegradedRules(isEnabled: false)

    package init(
        isEnabled: Bool, homologation: DegradedSection.Homologation? = nil, usual: Int64 = 1800, longest: Int64 = 14_400,
        vouched: Int64 = 43_200, reviewWithin: Int64 = 86_400, reasons: [String] = [], contact: String? = nil,
        passwordAge: Int64? = nil
    ) {
        self.isEnabled = isEnabled
        self.homologation = homologation
        self.usual = usual
        self.longest = longest
        self.vouched = vouched
        self.reviewWithin = reviewWithin
        self.reasons = reasons
        self.contact = contact
        self.passwordAge = passwordAge
    }

    package init(_ section: DegradedSection, reviewWithin: Int64) {
        self.init(
            isEnabled: section.isEnabled, homologation: section.homologation, usual: section.session, longest: section.longest,
            vouched: section.vouched, reviewWithin: reviewWithin, reasons: section.reasons, contact: section.contact,
            passwordAge: section.passwordAge)
    }

    /// Whether a password is so old that its owner should be asked to choose another.
    package func isOld(_ setAt: Timestamp?, at now: Timestamp) -> Bool {
        guard let passwordAge, let setAt else { return false }
        return now.seconds - setAt.seconds >= passwordAge
    }

    /// Longest of what somebody says of it, in bytes.
    package static let longestNote = 1000

    /// Whether somebody may come in now for this reason, and say so.
    package func check(reason: String, note: String?) throws(Refusal) {
        guard isEnabled else { throw Refusal(.degradedDisabled, contact.map { ["contact": .string($0)] } ?? [:]) }
        guard reasons.contains(reason) else {
            throw Refusal(
                .invalidRequest, ["detail": "reason is none of degraded.reasons", "reasons": .array(reasons.map(JSON.string))])
        }
        guard note.map({ (1...Self.longestNote).contains($0.utf8.count) && $0.isPlainLine }) ?? true else {
            throw Refusal(
                .invalidRequest, ["detail": .string("note has 1 to \(Self.longestNote) bytes on one line and no control characters")])
        }
    }

    /// Seconds that a session of such an origin may last at most, extensions included.
    func longest(of origin: Session.DegradedEntry.Origin) -> Int64 { origin == .vouched ? vouched : longest }
}
