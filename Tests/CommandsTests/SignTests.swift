import APIContract
import Commands
import Foundation
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
final class SignTests {
    private let folder = NSTemporaryDirectory() + "sign-" + UUID().uuidString
    private static let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("test".utf8).write(to: URL(fileURLWithPath: "\(folder)/letter.pdf"))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func batch(_ state: String = "awaiting_pin", count: Int = 1, tries: Int64 = 3, consent: String? = nil) -> JSON {
        let made: JSON = state == "done" ? [["format": "cms", "value": "AQID"]] : []
        return .members([
            "id": "G1", "session": "S1", "state": .string(state), "reader": "Virtual PCD 00 00", "holder": Sample.holder,
            "tries_left": .int(tries), "prompt": state == "done" ? nil : "Sign letter.pdf",
            "items": .array(
                (0..<count).map { _ in
                    ["name": "x", "hash": ["algorithm": "sha256", "value": .string(digest)], "signatures": made]
                }),
            "last_try_consent": consent.map(JSON.string),
        ])
    }

    /// An agent with one session, on a card whose PIN is 1234.
    private static func agent(count: Int = 1, consent: String? = nil) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        { request in
            switch request.line {
            case "GET /v1/sessions": .json(["sessions": [Sample.session]])
            case "POST /v1/sessions/S1/signatures": .json(batch(count: count, consent: consent), status: 201)
            case "GET /v1/sessions/S1/signatures/G1": .json(batch(count: count, consent: consent))
            case "PUT /v1/sessions/S1/signatures/G1/pin" where consent != nil:
                .problem(.lastTryConsentRequired, ["last_try_consent": "G1.C1"])
            case "PUT /v1/sessions/S1/signatures/G1/pin", "PUT /v1/sessions/S1/signatures/G1/pin?accept_last_try=G1.C1":
                request.text == "1234" ? .json(batch("done", count: count)) : .problem(.pinWrong, ["tries_left": 2])
            case "DELETE /v1/sessions/S1/signatures/G1": .nothing
            default: .problem(.notFound)
            }
        }
    }

    private func content(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: "\(folder)/\(name)").map(Array.init) }

    @Test func fileIsHashedHereAndItsSignatureStandsBesideIt() throws {
        let console = RecordingConsole(replies: [.line("1234")])
        let run = try Run(["sign", "--lang", "fr", "\(folder)/letter.pdf"], console, Self.agent())
        #expect(run.exit == 0)
        #expect(content("letter.pdf.p7s") == [1, 2, 3])
        #expect(console.errors.contains("Sign letter.pdf") && console.errors.contains("LIBRE"))
        #expect(console.output == "letter.pdf signé : \(folder)/letter.pdf.p7s\n")
        let asked = try #require(run.agent.requests.first { $0.line.hasPrefix("POST") })
        let body = try JSONDecoder().decode(JSON.self, from: Data(asked.text.utf8))
        let item: JSON = [
            "name": "letter.pdf", "media_type": "application/pdf", "hash": ["algorithm": "sha256", "value": .string(Self.digest)],
        ]
        #expect(body == ["formats": ["cms"], "items": [item]])
    }

    @Test func scriptsGetTheDocumentAndNoFile() throws {
        let run = try Run(
            ["sign", "--json", "--pin-stdin", "--session", "S1", "--format", "raw", "--hash", "sha256:\(Self.digest.uppercased())"],
            RecordingConsole(input: ["1234"]), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.document?["state"] == "done")
        #expect(run.agent.lines == ["POST /v1/sessions/S1/signatures", "PUT /v1/sessions/S1/signatures/G1/pin"])
        let body = try JSONDecoder().decode(JSON.self, from: Data(run.agent.requests[0].text.utf8))
        #expect(body["formats"] == ["raw"] && body["items"]?.array?[0]["hash"]?["value"]?.string == Self.digest)
    }

    @Test func folderTakesTheSignatures() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/out", withIntermediateDirectories: true)
        let run = try Run(
            [
                "sign", "--json", "--pin-stdin", "--format", "raw", "--out", "\(folder)/out", "\(folder)/letter.pdf", "--hash",
                "sha256:\(Self.digest)",
            ],
            RecordingConsole(input: ["1234"]), Self.agent(count: 2))
        #expect(run.exit == 0)
        #expect(content("out/letter.pdf.sig") == [1, 2, 3] && content("out/\(Self.digest.prefix(16)).sig") == [1, 2, 3])
        #expect(content("letter.pdf.sig") == nil)
    }

    @Test func whatIsThereIsNotWrittenOverAndNoPINIsAsked() throws {
        try Data([9]).write(to: URL(fileURLWithPath: "\(folder)/letter.pdf.p7s"))
        for arguments in [
            ["\(folder)/letter.pdf"], ["\(folder)/none"], ["--format", "raw", "\(folder)/letter.pdf", "\(folder)/letter.pdf"],
        ] {
            let console = RecordingConsole(replies: [.line("1234")])
            let run = try Run(["sign"] + arguments, console, Self.agent())
            #expect(run.exit == 2 && run.agent.lines.isEmpty && console.prompts.isEmpty)
        }
        #expect(content("letter.pdf.p7s") == [9])
    }

    @Test(arguments: ["sign", "sign --hash x", "sign --hash sha1:00", "sign --hash sha256:", "sign --format pdf a"])
    func whatCannotBeAskedForIsUsage(arguments: String) throws {
        let run = try Run(arguments, RecordingConsole(), Self.agent())
        #expect(run.exit == 2 && run.agent.lines.isEmpty)
    }

    @Test func signatureWithoutItsStampIsMadeAndTold() throws {
        let run = try Run(["sign", "--timestamp", "\(folder)/letter.pdf"], RecordingConsole(replies: [.line("1234")])) { request in
            guard request.line.hasPrefix("PUT"), case .object(var members) = Self.batch("done") else { return Self.agent()(request) }
            let stamp: JSON = ["code": "timestamp_unavailable", "detail": "the server did not answer in time"]
            members["items"] = [["name": "letter.pdf", "signatures": [["format": "cms", "value": "AQID", "timestamp": stamp]]]]
            return .json(.object(members))
        }
        #expect(run.exit == 0 && content("letter.pdf.p7s") == [1, 2, 3])
        #expect(run.console.errors.contains("letter.pdf: signature without a stamp (the server did not answer in time)"))
        #expect(run.agent.requests.contains { $0.text.contains("\"timestamp\":true") })
    }

    @Test func wrongPINOfAScriptEndsTheBatch() throws {
        let run = try Run(
            ["sign", "--json", "--pin-stdin", "\(folder)/letter.pdf"], RecordingConsole(input: ["0000"]), Self.agent())
        #expect(run.exit == 5 && run.console.document?["code"] == "pin_wrong")
        #expect(run.agent.lines.last == "DELETE /v1/sessions/S1/signatures/G1")
    }

    @Test func personTriesAgainAndGivesUp() throws {
        let again = try Run(["sign", "\(folder)/letter.pdf"], RecordingConsole(replies: [.line("0000"), .line("1234")]), Self.agent())
        #expect(again.exit == 0 && content("letter.pdf.p7s") == [1, 2, 3])
        let given = try Run(["sign", "--format", "raw", "\(folder)/letter.pdf"], RecordingConsole(replies: [.end]), Self.agent())
        #expect(given.exit == 1 && given.console.errors.contains("Signature given up"))
        #expect(given.agent.lines.last == "DELETE /v1/sessions/S1/signatures/G1")
    }

    @Test func scriptConsentsToTheLastTryOfTheBatchThatWaits() throws {
        let arguments = ["sign", "--json", "--pin-stdin", "--session", "S1", "\(folder)/letter.pdf"]
        let first = try Run(arguments, RecordingConsole(input: ["1234"]), Self.agent(consent: "G1.C1"))
        #expect(first.exit == 5 && first.console.document?["last_try_consent"] == "G1.C1")
        #expect(!first.agent.lines.contains { $0.hasPrefix("DELETE") })
        let second = try Run(
            arguments + ["--accept-last-try", "G1.C1"], RecordingConsole(input: ["1234"]), Self.agent(consent: "G1.C1"))
        #expect(second.exit == 0)
        #expect(
            second.agent.lines == [
                "GET /v1/sessions/S1/signatures/G1", "PUT /v1/sessions/S1/signatures/G1/pin?accept_last_try=G1.C1",
            ])
    }
}
