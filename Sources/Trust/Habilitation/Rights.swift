/// What a matrix makes of some facts.
package struct Rights: Sendable {
    /// Those rules that speak, in the order of the matrix.
    private let rules: [MatrixRule]
    /// Everything that is granted, sorted.
    package let scopes: [Scope]
    package let roles: Set<Role>

    /// Of whom nothing may be decided yet.
    package static let none = Rights([], roles: [])

    init(_ rules: [MatrixRule], roles: Set<Role>) {
        self.rules = rules
        self.roles = roles
        let denials = rules.compactMap(\.denials)
        let granted = rules.reduce(into: Set<Scope>()) { $0.formUnion($1.grants) }
        scopes = granted.filter { scope in !denials.contains { $0.has(scope.text) } }.sorted()
    }

    /// Whether all of `requested` may be given. An empty request stands for all that may be.
    package func decide(_ requested: [Scope]) -> Decision {
        guard !requested.isEmpty else { return .granted(scopes, rules: granting(scopes)) }
        for scope in requested {
            let (isGranted, rules) = verdict(on: scope)
            if !isGranted { return .refused(scope, rules: rules) }
        }
        var seen: Set<Scope> = []
        return .granted(requested.filter { seen.insert($0).inserted }, rules: granting(requested))
    }

    /// Whether one scope is granted, and every rule that says so: those that deny it where there are any, else those that grant it.
    package func verdict(on scope: Scope) -> (isGranted: Bool, rules: [Rule]) {
        let denying = rules.filter { $0.denials?.has(scope.text) ?? false }.map(\.name)
        guard denying.isEmpty else { return (false, denying) }
        let granting = granting([scope])
        return granting.isEmpty ? (false, [.noGrant]) : (true, granting)
    }

    package func grants(_ scope: Scope) -> Bool { scopes.contains(scope) }

    /// The rules that grant any of these.
    package func granting(_ scopes: [Scope]) -> [Rule] { rules.filter { !$0.grants.isDisjoint(with: scopes) }.map(\.name) }
}
