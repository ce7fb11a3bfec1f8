package import Primitives

/// The answer to a request for scopes, with all the rules that gave it, in the order of the matrix.
package enum Decision: Hashable, Sendable {
    /// What was asked for, in that order and once each; without a request, all that is granted.
    case granted([Scope], rules: [Rule])
    /// The first scope that is not granted; the whole request fails with it.
    case refused(Scope, rules: [Rule])
}

/// Name of a rule, for error texts and traces.
package struct Rule: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// What decides when no rule speaks: what is not granted is denied. No rule of a file has this name.
    package static let noGrant = Rule(rawValue: "default")

    package var json: JSON { .string(rawValue) }
}
