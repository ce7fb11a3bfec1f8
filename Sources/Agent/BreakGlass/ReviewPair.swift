/// Somebody who has reviewed an emergency of somebody else.
struct ReviewPair: Hashable, Sendable {
    let reviewer: String
    let person: String

    var reversed: ReviewPair { ReviewPair(reviewer: person, person: reviewer) }
}
