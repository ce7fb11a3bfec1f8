package import Identity
package import Primitives
package import Sessions
import Synchronization

/// A directory in memory that can be told to fail.
package final class MemoryDirectory: DirectoryKeeping {
    private let situations: [String: [Situation]]
    private let fails = Mutex(false)

    package init(_ situations: [String: [Situation]]) { self.situations = situations }

    package func setFails(_ fails: Bool) { self.fails.withLock { $0 = fails } }

    package func situations(of person: NationalID) throws(LedgerFailure) -> [Situation] {
        if fails.withLock({ $0 }) { throw LedgerFailure(reason: "told to fail") }
        return situations[person.text] ?? []
    }

    package var warning: Text? { nil }

    // Nothing is imported into it.

    package func current() -> JSON? { nil }
    package func person(_ id: NationalID) -> JSON? { situations[id.text].map { ["national_id": .string(id.text), "profiles": $0.json] } }
    package func begin(_ request: DirectoryImportRequest) throws(Refusal) -> JSON { throw Refusal(.internalError) }
    package func underway(_ id: String) throws(Refusal) -> JSON { throw Refusal(.importNotFound) }
    package func add(_ people: [NationalID], to id: String) throws(Refusal) -> JSON { throw Refusal(.importNotFound) }
    package func take(_ bytes: [UInt8], at offset: Int64, into id: String, by caller: Caller) throws(Refusal) -> JSON {
        throw Refusal(.importNotFound)
    }
}

extension Situation {
    /// A doctor's practice, a doctor's post in a hospital, and what no doctor's card vouches for.
    package static let practice = Situation(
        id: "practice", profession: "10", knowHow: ["SM54"], sector: "SA07", mode: "L", structure: StructureID("499900063480001"),
        label: "CABINET LIBRE")
    package static let hospital = Situation(
        id: "hospital", profession: "10", knowHow: ["SM54"], sector: "SA01", mode: "S", structure: StructureID("1760021832"),
        label: "HOPITAL NORD")
    package static let pharmacy = Situation(id: "pharmacy", profession: "21", sector: "SA33", label: "PHARMACIE DU PORT")
    package static let student = Situation(id: "student", profession: "10", category: .student, sector: "SA01", label: "HOPITAL NORD")
}
