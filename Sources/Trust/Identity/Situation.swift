/// One situation of practice (situation d'exercice) of a person: in which structure and sector, under which mode. Chosen, it is the
/// *profile* of a session.
package struct Situation: Hashable, Sendable {
    /// The same for the same situation in every edition of the directory; of this person alone.
    package let id: String
    /// Code of table G15; of table G16 for a student.
    package let profession: String
    package let category: Category
    /// Codes of table R01, such as `SM54`.
    package let knowHow: [String]
    /// Code of table R02, such as `SA07`.
    package let sector: String?
    /// `L` liberal, `S` employee, `B` volunteer.
    package let mode: String?
    package let structure: StructureID?
    /// Name of the structure, for people.
    package let label: String?

    package enum Category: String, Hashable, Sendable {
        case civil = "C"
        case military = "M"
        case student = "E"
    }

    package init(
        id: String, profession: String, category: Category = .civil, knowHow: [String] = [], sector: String? = nil, mode: String? = nil,
        structure: StructureID? = nil, label: String? = nil
    ) {
        self.id = id
        self.profession = profession
        self.category = category
        self.knowHow = knowHow
        self.sector = sector
        self.mode = mode
        self.structure = structure
        self.label = label
    }
}

extension Holder {
    /// Whether the card vouches for what the situation builds on: its profession, for a student the one in training.
    ///
    /// A directory can place a person; it never makes them what their card does not say they are.
    package func mayWork(in situation: Situation) -> Bool {
        situation.profession == (situation.category == .student ? training : profession?.code)
    }
}
