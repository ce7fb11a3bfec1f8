package import Identity

/// Who may do what: a pure function of the person and the way they came in.
package struct HabilitationMatrix: Sendable {
    /// The rights that apply as long as an establishment gives no matrix of its own.
    package static let builtIn = HabilitationMatrix()

    private init() {}

    /// Everything this holder may ask for, sorted.
    ///
    /// - Parameter profile: the situation they work in. `nil` where none is known: what is left are the rights of the person, those that
    ///   no rule makes depend on a situation. The built-in rules depend on none.
    package func scopes(for holder: Holder, mode: AccessMode, profile: Situation? = nil) -> [Scope] {
        rights(of: holder, mode: mode).scopes
    }

    /// Whether all of `requested` may be given. An empty request stands for all that may be.
    package func decide(requested: [Scope], holder: Holder, mode: AccessMode, profile: Situation? = nil) -> Decision {
        let (scopes, rule) = rights(of: holder, mode: mode)
        guard !requested.isEmpty else { return .granted(scopes, rule: rule) }
        if let missing = requested.first(where: { !scopes.contains($0) }) { return .refused(missing, rule: rule) }
        var seen: Set<Scope> = []
        return .granted(requested.filter { seen.insert($0).inserted }, rule: rule)
    }

    private func rights(of holder: Holder, mode: AccessMode) -> (scopes: [Scope], rule: Rule) {
        let (scopes, rule) = rights(of: holder.profession)
        switch mode {
        case .card, .unchecked, .mobile: return ((scopes + [.identityRead]).sorted(), rule)
        case .degraded: return ((scopes.filter { $0 == .recordRead } + [.identityRead]).sorted(), .degraded)
        }
    }

    /// By code of table G15. A code that carries no role gives no right: never a default role.
    private func rights(of profession: Profession?) -> ([Scope], Rule) {
        guard let profession else { return ([], .noProfession) }
        switch (profession.standing, profession.code) {
        case (.unknown, _): return ([], .unknownProfession)
        case (.deprecated, _): return ([], .deprecatedProfession)
        case (.regulated, "10"), (.regulated, "40"), (.regulated, "50"):
            return ([.recordRead, .recordWrite, .prescriptionWrite], .prescriber)
        case (.regulated, "21"): return ([.recordRead, .dispensationWrite], .pharmacist)
        case (.regulated, _): return ([.recordRead, .recordWrite], .healthProfession)
        }
    }
}
