package import Identity
package import Primitives

/// A file of the national directory that somebody wants to import, and what of it is to be kept.
package struct DirectoryImportRequest: Hashable, Sendable {
    /// Of the whole file, hexadecimal.
    package let sha256: String
    /// Bytes.
    package let size: Int64
    /// FINESS and SIRET numbers, and Struct_IdNat.
    package let structures: [String]
    package let departments: [String]
    /// SHA-256 of the list of people that follows, hexadecimal; `nil` when no list does.
    package let people: String?

    package init(sha256: String, size: Int64, structures: [String], departments: [String], people: String?) {
        self.sha256 = sha256
        self.size = size
        self.structures = structures
        self.departments = departments
        self.people = people
    }

    /// What is kept, as traces and answers say it.
    package var filter: JSON {
        [
            "structures": .array(structures.map(JSON.string)), "departments": .array(departments.map(JSON.string)),
            "people_sha256": JSON(people),
        ]
    }
}

/// The imported directory: who knows it, and how another comes in. One import at a time; the directory in force stays until all of the
/// new one is there.
package protocol DirectoryKeeping: SituationSource {
    /// Which directory is in force; `nil` when none was imported.
    func current() async throws(LedgerFailure) -> JSON?

    /// What an administrator should know; `nil` when all is well.
    var warning: Text? { get }

    /// A person with all their situations; `nil` when the directory has no such person.
    func person(_ id: NationalID) async throws(LedgerFailure) -> JSON?

    /// Begins an import, or goes on with the one of the same file and the same filter; the answer says how many bytes are there already.
    /// An import of anything else that was under way is dropped.
    func begin(_ request: DirectoryImportRequest) async throws(Refusal) -> JSON

    /// The import under way.
    func underway(_ id: String) async throws(Refusal) -> JSON

    /// Names people to keep, before the first byte of the file.
    func add(_ people: [NationalID], to id: String) async throws(Refusal) -> JSON

    /// Takes the next bytes of the file. With the last of them the new directory comes into force, in one commit with its trace.
    ///
    /// - Throws: ``ErrorCode/importOffset`` with `offset` when `offset` is not where the import is, ``ErrorCode/directoryFormat``,
    ///   ``ErrorCode/directoryEmpty``.
    func take(_ bytes: [UInt8], at offset: Int64, into id: String, by caller: Caller) async throws(Refusal) -> JSON
}
