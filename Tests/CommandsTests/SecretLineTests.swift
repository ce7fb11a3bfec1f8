import Primitives
import Testing

@testable import Commands

struct SecretLineTests {
    /// The line that `input` begins with, and how many bytes of it were taken.
    private func line(_ input: String, limit: Int = 8, endIsLine: Bool = true) throws(ConsoleFailure) -> (text: String?, taken: Int) {
        var bytes = Array(input.utf8)[...]
        let secret = try SecretLine.read(limit: limit, endIsLine: endIsLine) { room throws(ConsoleFailure) in
            guard let byte = bytes.popFirst() else { return false }
            room.storeBytes(of: byte, as: UInt8.self)
            return true
        }
        guard let secret else { return (nil, input.utf8.count - bytes.count) }
        return (secret.withBytes { String(decoding: $0, as: UTF8.self) }, input.utf8.count - bytes.count)
    }

    @Test(arguments: [
        ("1234\nmore", "1234", 5), ("1234\r\n", "1234", 6), ("1234", "1234", 4), ("\n", "", 1), ("12345678\n", "12345678", 9),
        ("1\r2\n", "1\r2", 4),
    ])
    func lineEndsAtItsEndAndNoByteMoreIsTaken(_ input: String, _ text: String, _ taken: Int) throws {
        let found = try line(input)
        #expect(found.text == text)
        #expect(found.taken == taken)
    }

    @Test func endOfInputAloneIsNoLine() throws {
        #expect(try line("").text == nil)
    }

    @Test func onATerminalTheEndOfInputGivesUp() throws {
        #expect(try line("12", endIsLine: false).text == nil)
    }

    @Test func longerLineIsAnError() {
        #expect(throws: ConsoleFailure(reason: Text("la ligne dépasse 8 octets", "the line has more than 8 bytes"))) {
            try line("123456789\n")
        }
    }

    @Test func failureOfTheSystemIsPassedOn() {
        #expect(throws: ConsoleFailure(reason: Text("gone"))) {
            _ = try SecretLine.read(limit: 8, endIsLine: true) { _ throws(ConsoleFailure) in throw ConsoleFailure(reason: Text("gone")) }
        }
    }
}
