/// Values of which one must be there, whole or by their beginning.
struct Choice: Hashable, Sendable {
    private let exact: Set<String>
    private let beginnings: [String]

    /// - Parameter texts: one that ends with `*` stands for all that begin with what is before it.
    init(_ texts: [String]) {
        exact = Set(texts.filter { !$0.hasSuffix("*") })
        beginnings = texts.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
    }

    func has(_ value: String) -> Bool { exact.contains(value) || beginnings.contains { value.hasPrefix($0) } }
}

/// When a rule speaks: every condition of `when` fits by one of its values, and none of `not` does.
struct Conditions: Sendable {
    private let when: [(fact: Fact, choice: Choice)]
    private let not: [(fact: Fact, choice: Choice)]

    init(_ when: [Fact: Choice], not: [Fact: Choice] = [:]) {
        self.when = Self.sorted(when)
        self.not = Self.sorted(not)
    }

    func hold(for facts: Facts) -> Bool {
        when.allSatisfy { Self.fits($0, facts) } && !not.contains { Self.fits($0, facts) }
    }

    /// Facts because of which they do not hold, those under `not` with that before them.
    func unmet(by facts: Facts) -> [String] {
        when.filter { !Self.fits($0, facts) }.map(\.fact.rawValue) + not.filter { Self.fits($0, facts) }.map { "not \($0.fact.rawValue)" }
    }

    private static func fits(_ condition: (fact: Fact, choice: Choice), _ facts: Facts) -> Bool {
        facts.values(of: condition.fact).contains(where: condition.choice.has)
    }

    private static func sorted(_ choices: [Fact: Choice]) -> [(fact: Fact, choice: Choice)] {
        Fact.allCases.compactMap { fact in choices[fact].map { (fact, $0) } }
    }
}

/// One rule of the matrix.
struct MatrixRule: Sendable {
    let name: Rule
    let when: Conditions
    let grants: Set<Scope>
    /// Scopes, whole or by their beginning.
    let denials: Choice?
}
