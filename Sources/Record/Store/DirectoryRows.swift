internal import GRDB
internal import Identity
internal import Primitives
internal import Sessions

/// The directory in force, read only.
struct DirectoryRows: Sendable {
    let path: String
    /// Within its folder.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    private let queue: DatabaseQueue

    init(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "directory"
        self.path = path
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// One row: whose it is, and the situation unless the person has none.
    private struct Entry: Sendable {
        let familyName: String?
        let givenName: String?
        let situation: Situation?
    }

    func situations(of person: NationalID) async throws -> [Situation] { try await entries(person).compactMap(\.situation) }

    func person(_ id: NationalID) async throws -> JSON? {
        let entries = try await entries(id)
        guard let first = entries.first else { return nil }
        return [
            "national_id": .string(id.text), "rpps": JSON(id.rpps), "family_name": JSON(first.familyName),
            "given_name": JSON(first.givenName), "profiles": entries.compactMap(\.situation).json,
        ]
    }

    private func entries(_ person: NationalID) async throws -> [Entry] {
        try await queue.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM entries WHERE person = ? ORDER BY id LIMIT ?", arguments: [person.text, mostSituations]
            ).map { Entry(familyName: $0["family_name"], givenName: $0["given_name"], situation: Self.situation($0)) }
        }
    }

    private static func situation(_ row: Row) -> Situation? {
        guard let id: String = row["id"], !id.isEmpty, let profession: String = row["profession"] else { return nil }
        let (category, structure): (String?, String?) = (row["category"], row["structure"])
        return Situation(
            id: id, profession: profession, category: category.flatMap(Situation.Category.init) ?? .civil,
            knowHow: (row["know_how"] as String).split(separator: " ").map(String.init), sector: row["sector"], mode: row["mode"],
            structure: structure.flatMap { StructureID($0) }, label: row["label"])
    }
}
