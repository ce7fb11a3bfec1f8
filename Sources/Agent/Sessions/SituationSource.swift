package import Identity
package import Primitives

/// Where the situations of practice of a person come from.
package protocol SituationSource: Sendable {
    /// Those of a person, at most ``mostSituations``, in an order that stays; empty when nothing is known of the person,
    /// or nothing of anybody since the source is lost: that is traced, and keeps nobody out.
    ///
    /// - Throws: when the loss cannot be traced.
    func situations(of person: NationalID) async throws(LedgerFailure) -> [Situation]
}

extension SituationSource {
    /// What this holder may choose from: what the directory has, as far as their card, or their account, vouches for it.
    package func situations(for holder: Holder) async throws(Refusal) -> [Situation] {
        do throws(LedgerFailure) {
            return try await situations(of: holder.nationalID).filter { holder.mayWork(in: $0) }
        } catch {
            throw Refusal(.traceUnavailable)
        }
    }
}

extension [Situation] {
    /// The situation that was asked for, else the only one; `nil` where there is none, or one has to be chosen.
    package func chosen(_ wanted: String?) throws(Refusal) -> Situation? {
        guard let wanted else { return count == 1 ? first : nil }
        return try named(wanted)
    }
}

/// Of one person. A card has room for 16.
package let mostSituations = 64
