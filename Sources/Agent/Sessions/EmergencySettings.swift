internal import Primitives

/// What an establishment decides about declared emergencies.
package struct EmergencySettings: Hashable, Sendable {
    /// Seconds that one lasts unless another time is asked for, and the most that it may last.
    package let usual: Int64
    package let longest: Int64
    /// Seconds without activity after which a session locks while one lasts.
    package let inactivity: Int64
    /// Seconds in which each has to be reviewed.
    package let reviewWithin: Int64
    /// Codes of why one may be declared.
    package let reasons: [String]
    /// Whether one practitioner works here alone: nobody else could review.
    package let isSolo: Bool

    /// The reason that is a call from the emergency services (value set JDV_J38 of the French identity assertions).
    package static let emergencyCall = "centre_15"

    package init(
        usual: Int64 = 1800, longest: Int64 = 14_400, inactivity: Int64 = 3600, reviewWithin: Int64 = 86_400,
        reasons: [String] = ["vital_emergency", "patient_unable", "continuity_of_care", emergencyCall], isSolo: Bool = false
    ) {
        self.usual = usual
        self.longest = longest
        self.inactivity = inactivity
        self.reviewWithin = reviewWithin
        self.reasons = reasons
        self.isSolo = isSolo
    }

    /// Seconds that one lasts.
    ///
    /// - Parameter minutes: as asked for.
    func seconds(_ minutes: Int64?) throws(Refusal) -> Int64 {
        guard let minutes else { return usual }
        guard minutes >= 1, minutes <= longest / 60 else {
            throw Refusal(.invalidRequest, ["detail": .string("minutes is not a number from 1 to \(longest / 60)")])
        }
        return minutes * 60
    }
}
