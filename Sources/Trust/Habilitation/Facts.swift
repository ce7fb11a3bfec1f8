package import Primitives

/// What rights depend on. What is not known fits no condition.
package struct Facts: Hashable, Sendable {
    /// National identifier.
    package var person: String?
    package var rpps: String?
    /// Roles beside those that the matrix gives to this person by name.
    package var roles: Set<Role> = []
    /// Code of table G15, as the card gives it.
    package var profession: String?
    /// Code of table G16, of a professional in training.
    package var training: String?
    /// Codes of table R01.
    package var knowHow: [String] = []
    /// CPS, CPF, CPE, CDE, CPA, CDA.
    package var family: String?
    /// Of the situation of practice: code of table R02, identifier of the structure, id of the situation.
    package var sector: String?
    package var structure: String?
    package var profile: String?
    package var mode: AccessMode
    package var isBreakGlass = false
    package var client: String?
    package var workstation: String?
    package var isTest = false

    package init(mode: AccessMode) { self.mode = mode }

    func values(of fact: Fact) -> [String] {
        switch fact {
        case .person: [person, rpps].compactMap { $0 }
        case .role: roles.map(\.rawValue)
        case .profession: Self.list(profession)
        case .training: Self.list(training)
        case .knowHow: knowHow
        case .family: Self.list(family)
        case .sector: Self.list(sector)
        case .structure: Self.list(structure)
        case .profile: Self.list(profile)
        case .mode: [mode.rawValue]
        case .breakGlass: [String(isBreakGlass)]
        case .client: Self.list(client)
        case .workstation: Self.list(workstation)
        case .test: [String(isTest)]
        }
    }

    /// Takes a fact as a file or a request gives it; of those that are single the first value counts.
    ///
    /// - Returns: whether all values have the form that the fact has.
    package mutating func set(_ fact: Fact, _ values: [String]) -> Bool {
        guard let first = values.first, values.allSatisfy(fact.isValue), fact.isPlural || values.count == 1 else { return false }
        switch fact {
        case .person: person = first
        case .role: roles = Set(values.compactMap(Role.init(rawValue:)))
        case .profession: profession = first
        case .training: training = first
        case .knowHow: knowHow = values
        case .family: family = first
        case .sector: sector = first
        case .structure: structure = first
        case .profile: profile = first
        case .mode: mode = AccessMode(rawValue: first) ?? mode
        case .breakGlass: isBreakGlass = first == "true"
        case .client: client = first
        case .workstation: workstation = first
        case .test: isTest = first == "true"
        }
        return true
    }

    private static func list(_ value: String?) -> [String] { value.map { [$0] } ?? [] }
}

/// The names of the facts in a matrix, in requests and in answers.
package enum Fact: String, Hashable, Sendable, CaseIterable {
    case person, role, profession, training
    case knowHow = "know_how"
    case family, sector, structure, profile, mode
    case breakGlass = "break_glass"
    case client, workstation, test

    private static let families = ["CPS", "CPF", "CPE", "CDE", "CPA", "CDA"]

    /// Whether somebody can have several of it at once.
    package var isPlural: Bool { self == .knowHow || self == .role }

    /// Whether a condition may name a whole family of values by their beginning, as `SM*`.
    private var takesPatterns: Bool {
        switch self {
        case .knowHow, .sector, .structure, .profile, .client, .workstation: true
        case .person, .role, .profession, .training, .family, .mode, .breakGlass, .test: false
        }
    }

    package func isValue(_ text: String) -> Bool {
        switch self {
        case .person: (2...128).contains(text.utf8.count) && text.isVisible
        case .role: Role(rawValue: text) != nil
        case .profession, .training: (1...3).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        case .knowHow, .sector:
            (1...32).contains(text.utf8.count)
                && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2F }
        case .family: Self.families.contains(text)
        case .structure, .profile, .client, .workstation:
            (1...128).contains(text.utf8.count) && text.isVisible && !text.contains("*")
        case .mode: AccessMode(rawValue: text) != nil
        case .breakGlass, .test: text == "true" || text == "false"
        }
    }

    func isCondition(_ text: String) -> Bool { isValue(text) || takesPatterns && text.hasSuffix("*") && isValue(String(text.dropLast())) }

    /// What is expected, for whoever wrote something else.
    package var form: Text {
        let modes = AccessMode.allCases.map(\.rawValue).joined(separator: ", ")
        let families = Self.families.joined(separator: ", ")
        let plain =
            switch self {
            case .person: Text("des identifiants nationaux ou numéros RPPS", "national identifiers or RPPS numbers")
            case .role: Text("des rôles : \(Role.names)", "roles: \(Role.names)")
            case .profession: Text("des codes de profession (table G15), comme 10", "codes of professions (table G15), such as 10")
            case .training:
                Text(
                    "des codes de profession en formation (table G16), comme 10",
                    "codes of professions in training (table G16), such as 10")
            case .knowHow: Text("des codes de savoir-faire (table R01), comme SM26", "codes of know-how (table R01), such as SM26")
            case .family: Text("des familles de carte : \(families)", "card families: \(families)")
            case .sector: Text("des codes de secteur (table R02), comme SA07", "codes of sectors (table R02), such as SA07")
            case .structure: Text("des identifiants de structure", "identifiers of structures")
            case .profile: Text("des ids de situation d'exercice", "ids of situations of practice")
            case .mode: Text("des modes : \(modes)", "modes: \(modes)")
            case .breakGlass, .test: Text("true ou false", "true or false")
            case .client: Text("des noms de clients", "names of clients")
            case .workstation: Text("des noms de poste", "names of workstations")
            }
        return takesPatterns ? Text("\(plain.french), ou leur début et *", "\(plain.english), or their beginning and *") : plain
    }
}
