/// Which lines of an extraction an establishment keeps: those of its people, of its structures, of its departments. Without any of
/// them, all.
package struct DirectoryFilter: Hashable, Sendable {
    /// FINESS and SIRET numbers, and Struct_IdNat.
    package let structures: Set<String>
    /// As the extraction writes them: `75`, `2A`, `971`.
    package let departments: Set<String>
    /// National identifiers.
    package var people: Set<String>
    /// Whether people are named, also while none of the names has come yet.
    package let namesPeople: Bool

    package init(structures: Set<String> = [], departments: Set<String> = [], people: Set<String> = [], namesPeople: Bool = false) {
        self.structures = structures
        self.departments = departments
        self.people = people
        self.namesPeople = namesPeople || !people.isEmpty
    }

    var keepsAll: Bool { structures.isEmpty && departments.isEmpty && !namesPeople }
}
