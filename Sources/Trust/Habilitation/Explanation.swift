package import Primitives

extension HabilitationMatrix {
    /// Why some facts give the rights they give: a verdict on each scope, and for each rule whether it speaks or what keeps it from it.
    ///
    /// - Parameter scopes: what is asked about; when empty, everything that any rule grants.
    package func explanation(of facts: Facts, scopes: [Scope]) -> JSON {
        let facts = withRoles(facts)
        let rights = rights(for: facts)
        let asked = scopes.isEmpty ? rules.reduce(into: Set<Scope>()) { $0.formUnion($1.grants) }.sorted() : scopes
        return [
            "sha256": .string(sha256),
            "facts": .object(
                Dictionary(
                    uniqueKeysWithValues: Fact.allCases.map { fact in
                        (fact.rawValue, .array(facts.values(of: fact).sorted().map(JSON.string)))
                    })),
            "scopes": .array(rights.scopes.map { .string($0.text) }),
            "decisions": .array(
                asked.map { scope in
                    let (isGranted, rules) = rights.verdict(on: scope)
                    return ["scope": .string(scope.text), "granted": .bool(isGranted), "rules": .array(rules.map(\.json))]
                }),
            "rules": .array(
                rules.map { rule in
                    let unmet = rule.when.unmet(by: facts)
                    return ["name": rule.name.json, "applies": .bool(unmet.isEmpty), "unmet": .array(unmet.map(JSON.string))]
                }),
        ]
    }
}
