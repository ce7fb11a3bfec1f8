package import Identity

/// Where the situations of practice of a person come from.
package protocol SituationSource: Sendable {
    /// Those of a person, at most ``mostSituations``, in an order that stays; empty when nothing is known of the person,
    /// or nothing of anybody since the source is lost: that is traced, and keeps nobody out.
    ///
    /// - Throws: when the loss cannot be traced.
    func situations(of person: NationalID) async throws(LedgerFailure) -> [Situation]
}

/// Of one person. A card has room for 16.
package let mostSituations = 64
