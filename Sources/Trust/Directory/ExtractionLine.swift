internal import Glibc
internal import Identity

/// One line of an extraction: fields with `|` between them and at the end, without quoting.
struct ExtractionLine {
    private let bytes: UnsafeRawBufferPointer
    private let columns: ExtractionColumns
    /// Where each field ends.
    private let ends: [Int]

    /// Longest field that is taken, in bytes.
    private static let longestField = 256

    struct Malformed: Error {
        let reason: String
    }

    init(_ bytes: UnsafeRawBufferPointer, _ columns: ExtractionColumns) throws(Malformed) {
        self.bytes = bytes
        self.columns = columns
        var ends: [Int] = []
        ends.reserveCapacity(columns.count)
        var start = 0
        while start <= bytes.count {
            let end = bytes.index(of: UInt8(ascii: "|"), from: start) ?? bytes.count
            ends.append(end)
            start = end + 1
        }
        guard ends.count == columns.count else { throw Malformed(reason: "\(ends.count) fields, \(columns.count) are due") }
        self.ends = ends
    }

    /// What the line says; `nil` when the filter leaves it out.
    func entry(_ filter: DirectoryFilter) throws(Malformed) -> DirectoryEntry? {
        let person = try person()
        if !filter.keepsAll, !filter.people.contains(person.text), try !isPlaced(filter) { return nil }
        return DirectoryEntry(
            person: person, familyName: try text(.familyName), givenName: try text(.givenName), situation: try situation())
    }

    private func person() throws(Malformed) -> NationalID {
        let text: String?
        if let whole = try self.text(.nationalID) {
            text = whole
        } else if let type = try self.text(.idType), let number = try self.text(.idNumber) {
            text = type + number
        } else {
            text = nil
        }
        guard let text, let person = NationalID(text) else { throw Malformed(reason: "no national identifier of a person") }
        return person
    }

    private func isPlaced(_ filter: DirectoryFilter) throws(Malformed) -> Bool {
        if !filter.structures.isEmpty {
            for column in [ExtractionColumns.Column.finess, .siret, .structureID] {
                if let number = try text(column), filter.structures.contains(number) { return true }
            }
        }
        guard !filter.departments.isEmpty else { return false }
        if let department = try text(.department) { return filter.departments.contains(department) }
        guard let postcode = try text(.postcode), postcode.utf8.count == 5 else { return false }
        return filter.departments.contains(String(postcode.prefix(postcode.hasPrefix("97") ? 3 : 2)))
    }

    private func situation() throws(Malformed) -> Situation? {
        guard let profession = try text(.profession) else { throw Malformed(reason: "no profession") }
        let (sector, mode, structure) = (try text(.sector), try text(.mode), try structure())
        guard sector != nil || mode != nil || structure != nil else { return nil }
        let name = try text(.name)
        let label = if let name { name } else { try text(.sign) }
        let category = try text(.category).flatMap(Situation.Category.init) ?? .civil
        let facts = [profession, category.rawValue, sector, mode, structure?.text ?? name].map { $0 ?? "" }
        return Situation(
            id: Self.id(facts), profession: profession, category: category, knowHow: try text(.knowHow).map { [$0] } ?? [],
            sector: sector, mode: mode, structure: structure, label: label)
    }

    /// The national identifier of the structure, made of a number where the line has none; else what the directory itself calls it.
    private func structure() throws(Malformed) -> StructureID? {
        let text: String?
        if let known = try self.text(.structureID) {
            text = known
        } else if let finess = try self.text(.finess) {
            text = "1\(finess)"
        } else if let siret = try self.text(.siret) {
            text = "3\(siret)"
        } else {
            text = try self.text(.technicalID)
        }
        guard let text else { return nil }
        guard let structure = StructureID(text) else { throw Malformed(reason: "the structure's identifier cannot be one") }
        return structure
    }

    /// `nil` when the field is empty, or the file has no such column.
    private func text(_ column: ExtractionColumns.Column) throws(Malformed) -> String? {
        guard let place = columns.place(column) else { return nil }
        let start = place == 0 ? 0 : ends[place - 1] + 1
        guard start < ends[place] else { return nil }
        guard ends[place] - start <= Self.longestField else { throw Malformed(reason: "\(column.title): too long") }
        let field = UnsafeRawBufferPointer(rebasing: bytes[start..<ends[place]])
        guard let text = String(validating: field, as: UTF8.self) else { throw Malformed(reason: "\(column.title): not UTF-8") }
        guard field.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw Malformed(reason: "\(column.title): control characters") }
        return text
    }

    /// Ten hexadecimal digits that stand for these facts (FNV-1a): the same in every edition, different within a person.
    private static func id(_ facts: [String]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in facts.joined(separator: "|").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let text = String(hash & 0xFF_FFFF_FFFF, radix: 16)
        return String(repeating: "0", count: 10 - text.utf8.count) + text
    }
}

extension UnsafeRawBufferPointer {
    /// Where the byte stands next.
    func index(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
