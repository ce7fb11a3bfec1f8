import Identity
import Testing

@testable import Directory

struct ExtractionReaderTests {
    private static func read(
        _ file: [UInt8], _ filter: DirectoryFilter = DirectoryFilter(), pieces: Int = 1 << 20
    ) throws -> (entries: [DirectoryEntry], bad: [BadLine], lines: Int) {
        var reader = try ExtractionReader(filter)
        var (entries, bad): ([DirectoryEntry], [BadLine]) = ([], [])
        for start in stride(from: 0, to: file.count, by: pieces) {
            let findings = try reader.take(Array(file[start..<min(file.count, start + pieces)]))
            entries += findings.entries
            bad += findings.bad
        }
        let last = try reader.finish()
        return (entries + last.entries, bad + last.bad, reader.place.lines)
    }

    @Test(arguments: [1, 7, 64, 100_000])
    func aLineIsAPersonInASituationWhateverPiecesItComesIn(pieces: Int) throws {
        let found = try Self.read(Extraction.file([Extraction.line()]), pieces: pieces)
        #expect(found.bad.isEmpty)
        let entry = try #require(found.entries.first)
        #expect(entry.person.text == "899900063480")
        #expect(entry.familyName == "LIBRE")
        let situation = try #require(entry.situation)
        #expect(situation.profession == "10")
        #expect(situation.knowHow == ["SM54"])
        #expect([situation.sector, situation.mode, situation.label] == ["SA07", "L", "CABINET LIBRE"])
        #expect(situation.structure == StructureID("499900063480001"))
        #expect(situation.id.utf8.count == 10)
    }

    @Test func theSameSituationHasTheSameIDAndAnotherAnother() throws {
        let lines = [
            Extraction.line(), Extraction.line(knowHow: "SM26", name: "NOM CHANGE"), Extraction.line(mode: "S"),
            Extraction.line(sector: "SA08"), Extraction.line(structure: "499900063480019"), Extraction.line(category: "E"),
        ]
        let ids = try Self.read(Extraction.file(lines)).entries.compactMap(\.situation?.id)
        #expect(ids.count == 6)
        #expect(ids[0] == ids[1])
        #expect(Set(ids).count == 5)
    }

    @Test func columnsAreFoundByNameWhateverTheirPlaceAndSpelling() throws {
        let header =
            "\u{FEFF}CODE SECTEUR ACTIVITE|code mode exercice|Ancien Identifiant Structure|Code Profession|Identification Nationale PP|"
        let found = try Self.read(Array("\(header)\r\nSA01|S|1760021832|60|899900063480|\r\n".utf8))
        let entry = try #require(found.entries.first)
        #expect(entry.person.text == "899900063480")
        #expect(entry.familyName == nil)
        #expect(entry.situation?.structure?.kind == .finess)
        #expect(entry.situation?.profession == "60")
        #expect(entry.situation?.knowHow == [])
    }

    @Test func twoColumnsStandForTheIdentifierWhereTheThirdIsMissing() throws {
        let header = "Type d'identifiant PP|Identifiant PP|Code profession|Code mode exercice|Code secteur d'activité|Numéro FINESS site|"
        let found = try Self.read(Array("\(header)\n8|99900063480|10|S|SA01|760021832|".utf8))
        #expect(found.entries.map(\.person.text) == ["899900063480"])
        #expect(found.entries.first?.situation?.structure == StructureID("1760021832"))
    }

    @Test(arguments: [
        ("499900063480001", "", "", "499900063480001"), ("", "760021832", "39172288100052", "1760021832"),
        ("", "", "39172288100052", "339172288100052"), ("", "", "", "R10100000012345"),
    ])
    func aStructureIsNamedByWhatTheLineHas(known: String, finess: String, siret: String, structure: String) throws {
        let line = Extraction.line(siret: siret, finess: finess, structure: known)
        #expect(try Self.read(Extraction.file([line])).entries.first?.situation?.structure?.text == structure)
    }

    @Test func aPersonWithoutActivityHasNoSituation() throws {
        let line = Extraction.line(mode: "", technical: "", name: "", structure: "", sector: "")
        let found = try Self.read(Extraction.file([line]))
        #expect(found.entries.count == 1)
        #expect(found.entries.first?.situation == nil)
    }

    // MARK: What cannot be taken

    @Test(arguments: [
        ("8|short|", "3 fields, 21 are due"), (Extraction.line(person: "8"), "no national identifier of a person"),
        (Extraction.line(person: "8 9"), "no national identifier of a person"), (Extraction.line(profession: ""), "no profession"),
        (Extraction.line(structure: "4 9"), "the structure's identifier cannot be one"),
        (Extraction.line(name: "A\u{1B}B"), "Raison sociale site: control characters"),
        (Extraction.line(name: String(repeating: "A", count: 257)), "Raison sociale site: too long"),
        (String(repeating: "A", count: 70_000), "more than 65536 bytes"),
    ])
    func aBadLineIsCountedWithItsNumberAndReasonAndTheOthersAreTaken(line: String, reason: String) throws {
        let file = Extraction.file([Extraction.line(), line, Extraction.line(person: "810000000001")])
        for pieces in [1000, 1 << 20] {
            let found = try Self.read(file, pieces: pieces)
            #expect(found.bad == [BadLine(number: 3, reason: reason)])
            #expect(found.entries.map(\.person.text) == ["899900063480", "810000000001"])
            #expect(found.lines == 4)
        }
    }

    @Test func bytesThatAreNoTextMakeABadLine() throws {
        var line = Array(Extraction.line(name: "CAF#").utf8)
        line[try #require(line.firstIndex(of: 0x23))] = 0xE9
        let found = try Self.read(Extraction.file([]) + line + [0x0A])
        #expect(found.bad == [BadLine(number: 2, reason: "Raison sociale site: not UTF-8")])
    }

    @Test(arguments: [
        "Identification nationale PP", "Code profession", "Code mode exercice", "Code secteur d'activité",
    ])
    func aColumnThatIsNeededAndMissingIsNamed(column: String) throws {
        let names = [
            "Identification nationale PP", "Code profession", "Code mode exercice", "Code secteur d'activité", "Numéro FINESS site",
        ]
        let header = names.map { $0 == column ? "Autre" : $0 }.joined(separator: "|") + "|\n"
        #expect(throws: ExtractionRefusal.missingColumn(column)) { try Self.read(Array(header.utf8)) }
    }

    @Test func aHeaderWithoutStructuresIsRefused() throws {
        let header = "Identification nationale PP|Code profession|Code mode exercice|Code secteur d'activité|\n"
        #expect(throws: ExtractionRefusal.missingColumn("Ancien identifiant de la structure")) { try Self.read(Array(header.utf8)) }
    }

    @Test(arguments: ["", "\n", "PK\u{3}\u{4}", "no columns\n", String(repeating: "x", count: 100_000)])
    func whatHasNoHeaderIsNoExtraction(text: String) throws {
        #expect(throws: ExtractionRefusal.noHeader) { try Self.read(Array(text.utf8), pieces: 60_000) }
    }

    // MARK: Keeping

    @Test(arguments: [
        (DirectoryFilter(structures: ["760021832"]), ["B"]), (DirectoryFilter(structures: ["39172288100052"]), ["C"]),
        (DirectoryFilter(structures: ["499900063480001"]), ["A"]), (DirectoryFilter(departments: ["75"]), ["A"]),
        (DirectoryFilter(departments: ["2A", "971"]), ["C", "D"]), (DirectoryFilter(people: ["810000000003"]), ["C"]),
        (DirectoryFilter(structures: ["760021832"], people: ["810000000003"]), ["B", "C"]),
        (DirectoryFilter(namesPeople: true), []), (DirectoryFilter(), ["A", "B", "C", "D"]),
    ])
    func aLineIsKeptWhenItFitsAnyOfWhatIsWanted(filter: DirectoryFilter, kept: [String]) throws {
        let lines = [
            Extraction.line(person: "810000000001", family: "A"),
            Extraction.line(person: "810000000002", family: "B", finess: "760021832", department: "76", structure: ""),
            Extraction.line(person: "810000000003", family: "C", siret: "39172288100052", department: "2A", structure: ""),
            // The department is in the postcode alone.
            Extraction.line(person: "810000000004", family: "D", postcode: "97110", department: "", structure: ""),
        ]
        let found = try Self.read(Extraction.file(lines), filter)
        #expect(found.entries.compactMap(\.familyName) == kept)
        #expect(found.lines == 5)
    }

    // MARK: Going on

    @Test func readingGoesOnFromAPlaceThatWasKept() throws {
        let file = Extraction.file((1...9).map { Extraction.line(person: "81000000000\($0)") })
        let whole = try Self.read(file).entries
        for cut in stride(from: 1, to: file.count, by: 97) {
            var first = try ExtractionReader(DirectoryFilter())
            let before = try first.take(Array(file[..<cut])).entries
            var second = try ExtractionReader(DirectoryFilter(), at: first.place)
            let after = try second.take(Array(file[cut...])).entries
            #expect(before + after == whole)
            #expect(second.place.lines == 10)
        }
    }
}
