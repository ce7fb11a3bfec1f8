import Audit
import Testing

/// The golden key and note were made and signed with another implementation of Ed25519 and SHA-256.
struct NoteTests {
    private let vkey = "example.test/log+b2e16d9b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    private let text = "example.test/log\n3\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n"
    private let line =
        "\u{2014} example.test/log suFtm5/lfHd5g1sqdMFQTKEMyN7D793XeDQRh7y/S3tSm1vB4zz9mzF/7EHQeeSQaXGLYPi6qEdopkvPVjlbZiqnvgw=\n"

    private func signer(_ name: String = "example.test/log", first: UInt8 = 0) throws -> NoteSigner {
        try NoteSigner(name: name, seed: Array(first..<first + 32))
    }

    private func opened(_ note: String, _ keys: [NoteVerifier]) -> Result<String, NoteError> {
        Result { () throws(NoteError) in try SignedNote(note).text(verifiedBy: keys) }
    }

    @Test func signerMakesTheGoldenNote() throws {
        let signer = try signer()
        #expect(signer.verifier.vkey == vkey)
        #expect(try signer.note(text) == "\(text)\n\(line)")
    }

    @Test func knownKeyOpensTheNote() throws {
        #expect(opened("\(text)\n\(line)", [try NoteVerifier(vkey: vkey)]) == .success(text))
    }

    @Test func unknownKeysAreIgnoredButOneKnownIsNeeded() throws {
        let known = try NoteVerifier(vkey: vkey)
        let other = "\u{2014} someone AAAAAAAA\n"
        #expect(opened("\(text)\n\(other)\(line)", [known]) == .success(text))
        #expect(opened("\(text)\n\(other)", [known]) == .failure(.notSigned))
        #expect(opened("\(text)\n\(line)", []) == .failure(.notSigned))
        let sameName = try signer(first: 1).verifier
        #expect(opened("\(text)\n\(line)", [sameName]) == .failure(.notSigned))
    }

    @Test func wrongSignatureOfAKnownKeyRefusesTheNote() throws {
        let known = try NoteVerifier(vkey: vkey)
        let changed = text.replacing("\n3\n", with: "\n4\n")
        #expect(opened("\(changed)\n\(line)", [known]) == .failure(.badSignature(name: "example.test/log")))
        let second = try signer("witness", first: 9)
        let witness = try second.note(changed).split(separator: "\n\n")[1]
        #expect(opened("\(changed)\n\(witness)\(line)", [known, second.verifier]) == .failure(.badSignature(name: "example.test/log")))
    }

    @Test func atLeastSixteenSignaturesAreAccepted() throws {
        let known = try NoteVerifier(vkey: vkey)
        let others = (0..<16).map { "\u{2014} witness\($0) AAAAAAAA\n" }.joined()
        #expect(opened("\(text)\n\(others)\(line)", [known]) == .success(text))
        let crowd = (0..<64).map { "\u{2014} witness\($0) AAAAAAAA\n" }.joined()
        #expect(opened("\(text)\n\(crowd)\(line)", [known]) == .failure(.malformedNote))
    }

    @Test(arguments: [
        "", "\n", "text", "text\n", "text\n\n", "text\n\nsignature\n", "text\n\u{2014} a AAAAAAAA\n", "text\n\n- a AAAAAAAA\n",
        "text\n\n\u{2014} a AAAAAAAA", "text\n\n\u{2014} a AAAAAAAA\n\n", "text\n\n\u{2014}  AAAAAAAA\n", "text\n\n\u{2014} a+b AAAAAAAA\n",
        "text\n\n\u{2014} a AAAA\n", "text\n\n\u{2014} a AAAAAAA\n", "text\n\n\u{2014} a AAAAAAA=\n\n", "text\n\n\u{2014} a AAAAAA-_\n",
        "text\n\n\u{2014} a AAAAAAAA b\n", "te\txt\n\n\u{2014} a AAAAAAAA\n", "text\r\n\n\u{2014} a AAAAAAAA\n",
        "text\n\n\u{2014} a\u{A0}b AAAAAAAA\n",
    ])
    func otherTextIsNoNote(note: String) {
        #expect(throws: NoteError.malformedNote) { try SignedNote(note) }
    }

    @Test func textMayHoldBlankLines() throws {
        let note = try SignedNote("a\n\nb\n\n\u{2014} k AAAAAAAA\n")
        #expect(note.text == "a\n\nb\n")
        #expect(note.signatures.map(\.name) == ["k"])
        #expect(note.signatures.map(\.bytes) == [[0, 0]])
    }

    @Test func bytesHaveToBeTextOfBoundedSize() {
        #expect(throws: NoteError.malformedNote) { try SignedNote([0x61, 0x0A, 0xFF, 0x0A]) }
        #expect(throws: NoteError.malformedNote) { try SignedNote([UInt8](repeating: 0x0A, count: 65_537)) }
    }

    @Test(arguments: [
        "", "name", "name+b2e16d9b", "example.test/log+00000000+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "other+b2e16d9b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "example.test/log+b2e16d9b+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", "example.test/log+b2e16d9b+AQOhB7/zzhC+HXDdGOdLwJln",
        "example.test/log+b2 16d9b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    ])
    func otherTextIsNoKey(vkey: String) {
        #expect(throws: NoteError.malformedKey) { try NoteVerifier(vkey: vkey) }
    }

    @Test(arguments: ["", "a b", "a+b", "a\nb", "a\u{2003}b"])
    func badNamesHaveNoKey(name: String) {
        #expect(throws: NoteError.badName) { try signer(name) }
    }

    @Test func keyWithoutANameIsRefused() {
        #expect(throws: NoteError.badName) { try NoteVerifier(vkey: "+b2e16d9b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4") }
    }

    @Test func seedIsExactly32Bytes() {
        #expect(throws: NoteError.malformedKey) { try NoteSigner(name: "a", seed: [1, 2, 3]) }
    }

    @Test(arguments: ["", "no newline", "tab\t\n"])
    func otherTextIsNotSigned(text: String) {
        #expect(throws: NoteError.badText) { try signer().note(text) }
    }
}

struct CheckpointTests {
    private let root = "NmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE="

    @Test func textReadsBack() throws {
        let checkpoint = Checkpoint(origin: "o", size: 1 << 40, root: .emptyTree)
        #expect(try Checkpoint(text: checkpoint.text) == checkpoint)
    }

    @Test func signedCheckpointReadsBack() throws {
        let signer = try NoteSigner(name: "o", seed: [UInt8](repeating: 7, count: 32))
        let checkpoint = Checkpoint(origin: "o", size: 5, root: .emptyTree)
        let note = Array(try signer.note(checkpoint).utf8)
        #expect(try Checkpoint(note: note, verifiedBy: [signer.verifier]) == checkpoint)
        #expect(throws: NoteError.notSigned) { try Checkpoint(note: note, verifiedBy: []) }
    }

    @Test func extensionLinesAreLeftAlone() throws {
        #expect(try Checkpoint(text: "o\n3\n\(root)\nextension\n").size == 3)
    }

    @Test(arguments: [
        "", "o\n", "o\n3\n", "o\n3\nROOT", "\n3\nROOT\n", "o\n03\nROOT\n", "o\n+3\nROOT\n", "o\n-1\nROOT\n", "o\n3 \nROOT\n",
        "o\n18446744073709551616\nROOT\n", "o\n3\nAAAA\n", "o\n3\nROOT\n\n", "o\n3\n\nROOT\n",
    ])
    func otherTextIsNoCheckpoint(text: String) {
        #expect(throws: NoteError.malformedCheckpoint) { try Checkpoint(text: text.replacing("ROOT", with: root)) }
    }
}

struct StandardBase64Tests {
    @Test(
        arguments: [([], ""), ([0x66], "Zg=="), ([0x66, 0x6F], "Zm8="), ([0x66, 0x6F, 0x6F], "Zm9v"), ([0xFB, 0xFF], "+/8=")]
            as [([UInt8], String)])
    func bytesAndTextAreOneAnother(bytes: [UInt8], text: String) {
        #expect(StandardBase64.encode(bytes) == text)
        #expect(StandardBase64.decode(text) == bytes)
    }

    @Test(arguments: ["Zg", "Zg=", "Zg===", "Zg==Zg==", "Z", "Z===", "====", "=", "Zh==", "Zm8=\n", "-_8=", "Zm 8"])
    func otherTextIsNoBase64(text: String) {
        #expect(StandardBase64.decode(text) == nil)
    }
}
