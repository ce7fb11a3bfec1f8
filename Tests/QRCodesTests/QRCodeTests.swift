import Primitives
import QRCodes
import Testing

/// Whether cameras read them is tested with a reader of codes (Tests/Integration/test_qr_codes.py).
struct QRCodeTests {
    private static let text =
        "cps-agent://pair?issuer=https%3A%2F%2Fws-042.example&code=AAAAAAAAAAAAAAAAAAAAAA&pin=" + String(repeating: "B", count: 43)

    @Test func codeHasItsThreeFindersAndIsSmallEnoughForATerminal() throws {
        let code = try QRCode(Self.text)
        #expect(code.size <= 53)
        for (top, left) in [(0, 0), (0, code.size - 7), (code.size - 7, 0)] {
            for row in 0..<7 {
                for column in 0..<7 {
                    let ring = max(abs(row - 3), abs(column - 3))
                    #expect(code.isDark(row: top + row, column: left + column) == (ring != 2))
                }
            }
        }
        #expect(!code.isDark(row: -1, column: 0))
        #expect(!code.isDark(row: 0, column: code.size))
    }

    @Test(arguments: ["", String(repeating: "a", count: QRCode.longestText + 1)])
    func textWithoutRoomIsRefused(text: String) { #expect(throws: QRCode.Unable.text) { try QRCode(text) } }

    @Test func longestTextHasRoom() throws { #expect(try QRCode(String(repeating: "a", count: QRCode.longestText)).size <= 177) }

    /// Reads a terminal back: which modules are dark, for a person who sees ink on a background.
    private func seen(_ lines: [String], on background: TerminalBackground) -> [[Bool]] {
        lines.flatMap { line in
            [["█", "▀"], ["█", "▄"]].map { inked in line.map { inked.contains(String($0)) == (background == .light) } }
        }
    }

    @Test(arguments: TerminalBackground.allCases)
    func terminalShowsEveryModuleInItsColour(background: TerminalBackground) throws {
        let code = try QRCode(Self.text)
        let rows = seen(code.terminalLines(on: background), on: background)
        let side = code.size + 2 * QRCode.quietZone
        #expect(rows.count == side + 1)
        for row in 0..<side {
            #expect(rows[row].count == side)
            for column in 0..<side {
                #expect(rows[row][column] == code.isDark(row: row - QRCode.quietZone, column: column - QRCode.quietZone))
            }
        }
    }

    @Test func bothPolaritiesAreEachOthersOpposite() throws {
        let code = try QRCode("x")
        let (dark, light) = (code.terminalLines(on: .dark), code.terminalLines(on: .light))
        let opposite: [Character: Character] = ["█": " ", " ": "█", "▀": "▄", "▄": "▀"]
        // The last line is half outside of the code.
        for (one, other) in zip(dark.dropLast(), light.dropLast()) { #expect(String(one.compactMap { opposite[$0] }) == other) }
        #expect(light.prefix(2).allSatisfy { $0.allSatisfy { $0 == " " } })
        #expect(dark.prefix(2).allSatisfy { $0.allSatisfy { $0 == "█" } })
    }

    @Test func drawingHasASquareForEachDarkModule() throws {
        let code = try QRCode("x")
        let dark = (0..<code.size).flatMap { row in (0..<code.size).filter { code.isDark(row: row, column: $0) } }.count
        #expect(code.svg.split(separator: "M").count - 1 == dark)
        #expect(code.svg.hasPrefix(#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29""#))
        #expect(code.svg.contains(#"<path d="M4 4h1v1h-1z"#))
    }

    @Test(arguments: [(0, 29), (1, 29), (8, 232), (32, 928), (99, 928)])
    func imageHasItsSize(scale: Int, side: Int) throws {
        let image = try QRCode("x").png(scale: scale)
        #expect(Array(image.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(Array(image[16..<24]) == [0, 0, UInt8(side / 256), UInt8(side % 256), 0, 0, UInt8(side / 256), UInt8(side % 256)])
        // The check of the last chunk, which is always the same.
        #expect(Hex.encode(image.suffix(12)) == "0000000049454e44ae426082")
    }

    /// More than one block of 65 535 bytes.
    @Test func largeImageIsStoredInBlocks() throws {
        let image = try QRCode(String(repeating: "a", count: QRCode.longestText)).png(scale: 8)
        #expect(image.count > 65_535)
    }
}
