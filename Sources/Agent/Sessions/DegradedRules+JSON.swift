package import ConfigurationFile
package import Primitives

extension DegradedRules {
    /// As anybody on the machine may know it: whether there is such a way in, by whose decision, for which reasons.
    package func json(at now: Timestamp) -> JSON {
        [
            "enabled": .bool(isEnabled), "homologation": homologation?.json(at: now) ?? .null,
            "session": .int(usual), "longest": .int(longest), "vouched": .int(vouched), "review_within": .int(reviewWithin),
            "reasons": .array(reasons.map(JSON.string)), "contact": JSON(contact),
        ]
    }

    /// What an administrator should see to: care never waits for it.
    package func warning(at now: Timestamp) -> Text? {
        guard isEnabled, let homologation, homologation.validUntil < now else { return nil }
        let (reference, end) = (homologation.reference, homologation.validUntil)
        return Text(
            "L'homologation du mode dégradé (\(reference)) a pris fin le \(end) : la renouveler, puis régler degraded.homologation.",
            "The homologation of degraded mode (\(reference)) ended on \(end): renew it, and set degraded.homologation.")
    }
}

extension DegradedSection.Homologation {
    package func json(at now: Timestamp) -> JSON {
        [
            "authority": .string(authority), "reference": .string(reference), "valid_until": .string(validUntil.description),
            "expired": .bool(validUntil < now),
        ]
    }
}
