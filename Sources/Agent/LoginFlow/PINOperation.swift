internal import Audit
internal import Primitives

/// What a person may do to the PIN of a card: give it a new value by the old one, or by the unblocking code (PUK).
package enum PINOperation: String, Hashable, Sendable {
    case change, unblock

    /// A code that an operation needs, as the API names it.
    package enum Code: String, Hashable, Sendable {
        /// The PIN in force.
        case current
        /// The PIN to be.
        case new
        case puk
    }

    /// The code that the card counts tries of.
    var staked: Code { self == .change ? .current : .puk }

    /// All that it needs, in the order of the answer's `awaits`.
    var codes: [Code] { [staked, .new] }

    /// How its success is traced.
    var done: TraceEvent { self == .change ? .pinChanged : .pinUnblocked }
}

/// A code that waits for another one: shared, so that it is never copied, and wiped when the last who needs it lets go.
final class HeldCode: Sendable {
    let secret: Secret

    init(_ secret: consuming Secret) { self.secret = secret }
}
