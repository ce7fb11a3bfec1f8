package import Primitives

/// Who may do what: a pure function of what is known of the person and of the way they came in.
///
/// A rule speaks when its conditions fit. What any speaking rule denies is denied, whatever others grant; what none grants is denied too.
package struct HabilitationMatrix: Sendable {
    let rules: [MatrixRule]
    /// Roles of named persons, by national identifier.
    package let people: [String: Set<Role>]
    let sampleCount: Int
    /// SHA-256 of the file's bytes, lower-case hexadecimal: what traces name the matrix by.
    package let sha256: String

    init(rules: [MatrixRule], people: [String: Set<Role>], sampleCount: Int, sha256: String) {
        self.rules = Role.allCases.map(\.rule) + rules
        self.people = people
        self.sampleCount = sampleCount
        self.sha256 = sha256
    }

    package func rights(for facts: Facts) -> Rights {
        let facts = withRoles(facts)
        return Rights(rules.filter { $0.when.hold(for: facts) }, roles: facts.roles)
    }

    func withRoles(_ facts: Facts) -> Facts {
        guard let person = facts.person, let roles = people[person] else { return facts }
        var facts = facts
        facts.roles.formUnion(roles)
        return facts
    }

    /// Size and hash, for traces and `GET /v1/habilitation`. Who has which role is not told here.
    package var json: JSON {
        [
            "sha256": .string(sha256), "rules": .int(Int64(rules.count - Role.allCases.count)), "people": .int(Int64(people.count)),
            "samples": .int(Int64(sampleCount)),
        ]
    }
}
