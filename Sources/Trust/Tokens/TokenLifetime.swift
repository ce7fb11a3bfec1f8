/// How long an access token lives, in seconds: short, because an offline verifier learns of an ended session only at `exp`.
package struct TokenLifetime: Hashable, Sendable {
    /// No token lives longer, whatever is asked for or configured.
    package static let longest: Int64 = 900

    /// For a token that is bound to no key, and for one that is (`cnf`).
    package let unbound: Int64
    package let bound: Int64

    /// Values outside 1 to ``longest`` are brought to the nearer end.
    package init(unbound: Int64 = 120, bound: Int64 = 300) {
        self.unbound = min(max(1, unbound), Self.longest)
        self.bound = min(max(1, bound), Self.longest)
    }

    /// The life of a token. A request may ask for less than the usual life or, up to ``longest``, for more; `nil` asks for the usual.
    package func granted(requested: Int64?, isBound: Bool) -> Int64 {
        guard let requested else { return isBound ? bound : unbound }
        return min(max(1, requested), Self.longest)
    }
}
