import APIContract
import Foundation
import Primitives
import ScriptedAgent
import Synchronization
import Testing

/// Phones and tablets on the command line.
@Suite(.timeLimit(.minutes(5)))
struct MobileTests {
    private static let uri = "cps-agent://pair?issuer=https%3A%2F%2Fws-042.example&code=AAAAAAAAAAAAAAAAAAAAAA&pin=BBBB"

    private static func pairing(_ state: String, code: String? = nil) -> JSON {
        let isKnown = state != "shown"
        return .members([
            "id": "P1", "state": .string(state), "session": "S1", "scopes": [], "resource": .null, "expires_in": 60,
            "client": isKnown ? "cps-mobile" : .null, "device_name": isKnown ? "Phone of Max" : .null,
            "address": isKnown ? "192.0.2.7" : .null, "mobile_session": state == "done" ? "M1" : .null,
            "code": code.map(JSON.string) ?? .null, "code_uri": state == "shown" ? .string(uri) : nil,
        ])
    }

    /// An agent whose pairing goes through these states, a question each; the last one stays.
    private static func agent(_ states: [String], code: String? = nil) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        let asked = SharedCount()
        return { request in
            switch request.line {
            case "GET /v1/sessions": .json(["sessions": [["id": "S1", "mode": "card"], ["id": "M1", "mode": "mobile"]]])
            case "POST /v1/mobile/pairings": .json(pairing("shown"), status: 201)
            case "GET /v1/mobile/pairings/P1": .json(pairing(states[min(asked.next(), states.count - 1)], code: code))
            case "POST /v1/mobile/pairings/P1/digits":
                request.json?["digits"] == "42" ? .json(pairing("confirmed")) : .problem(.pairingDigits)
            case "DELETE /v1/mobile/pairings/P1": .nothing
            case "POST /v1/mobile/approvals":
                .json(
                    [
                        "id": "V1", "state": "awaiting_pin", "session": "S1", "holder": Sample.holder,
                        "request": [
                            "grant": "device", "client": "cps-mobile", "device_name": "Phone of Max", "address": "192.0.2.7",
                            "thumbprint": "t", "scopes": ["record:read"], "resource": .null, "asked_at": "2026-03-01T11:59:00.000Z",
                        ],
                        "reader": "Virtual PCD 00 00", "tries_left": 3,
                    ], status: 201)
            case "PUT /v1/mobile/approvals/V1/pin":
                request.text == "1234" ? .json(["id": "V1", "state": "done"]) : .problem(.pinWrong, ["tries_left": 2])
            case "DELETE /v1/mobile/approvals/V1", "DELETE /v1/mobile/devices/D1": .nothing
            case "POST /v1/mobile/approvals/denials": .nothing
            case "GET /v1/mobile/devices", "GET /v1/mobile/devices?person=899900063480":
                .json([
                    "devices": [device("D1", sessions: ["M1"]), device("D2", sessions: []), device("D3", isLost: true, sessions: [])]
                ])
            case "POST /v1/mobile/devices/revocations": .json(["devices": 1, "sessions": 1])
            case "POST /v1/mobile/losses": .json(["devices": 2, "sessions": 1])
            default: .problem(.notFound)
            }
        }
    }

    private static func device(_ id: String, isLost: Bool = false, sessions: [JSON]) -> JSON {
        [
            "id": .string(id), "person": "899900063480", "name": "Phone", "thumbprint": "t", "client": "cps-mobile",
            "first_seen": "2026-02-01T11:00:00.000Z", "last_used": "2026-03-01T11:00:00.000Z", "lost": .bool(isLost),
            "sessions": .array(sessions),
        ]
    }

    private final class SharedCount: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count - 1
            }
        }
    }

    @Test func deviceIsLetInByTheDigitsThatItShows() throws {
        let console = RecordingConsole(replies: [.line("4"), .line("x2"), .line("42")])
        let run = try Run("mobile pair --scope record:read --minutes 60", console, Self.agent(["shown", "redeemed", "confirmed", "done"]))
        #expect(run.exit == 0)
        #expect(run.agent.requests[1].json == ["session": "S1", "scopes": ["record:read"], "minutes": 60])
        #expect(run.agent.lines.filter { $0.hasPrefix("POST") } == ["POST /v1/mobile/pairings", "POST /v1/mobile/pairings/P1/digits"])
        #expect(console.output.hasSuffix("“Phone of Max” is in; its session: M1\n"))
        #expect(console.output.hasPrefix("██"))
        #expect(console.errors.contains("“Phone of Max” (cps-mobile, 192.0.2.7) has read the code."))
        // What cannot be digits is no try.
        #expect(console.prompts.count == 3)
        #expect(console.echoes == [true, true, true])
        #expect(console.pauses == 2)
    }

    @Test func codeFitsTheBackgroundOfTheTerminal() throws {
        let run = try Run("mobile pair --background light", RecordingConsole(replies: [.line("42")]), Self.agent(["redeemed", "done"]))
        #expect(run.exit == 0)
        #expect(run.console.output.hasPrefix("    "))
    }

    @Test func wrongDigitsEndIt() throws {
        let run = try Run("mobile pair", RecordingConsole(replies: [.line("41")]), Self.agent(["redeemed"]))
        #expect(run.exit == 1)
        #expect(run.console.errors.contains("pairing_digits"))
        #expect(run.agent.lines.filter { $0.hasSuffix("/digits") }.count == 1)
    }

    @Test(arguments: [
        ("expired", nil, "pairing_state"), ("failed", "session_ended", "session_ended"), ("failed", "nonsense", "pairing_state"),
    ])
    func pairingThatComesToNothingIsAnError(state: String, code: String?, shown: String) throws {
        let run = try Run("mobile pair", RecordingConsole(replies: []), Self.agent(["shown", state], code: code))
        #expect(run.exit != 0)
        #expect(run.console.errors.contains("(\(shown))"))
        #expect(run.console.errors.contains("the pairing is \(state)"))
        #expect(run.console.prompts.isEmpty)
    }

    @Test func pairingThatFailsAfterTheDigitsIsAnError() throws {
        let run = try Run(
            "mobile pair", RecordingConsole(replies: [.line("42")]), Self.agent(["redeemed", "failed"], code: "pairing_state"))
        #expect(run.exit == 1)
    }

    @Test func whoGivesUpTakesTheCodeBack() throws {
        for replies in [[], [.interrupted(2)]] as [[RecordingConsole.Prepared]] {
            let run = try Run("mobile pair", RecordingConsole(replies: replies), Self.agent(["redeemed"]))
            #expect(run.exit == 1)
            #expect(run.console.errors.contains("Pairing given up; no device came in"))
            #expect(run.agent.lines.contains("DELETE /v1/mobile/pairings/P1"))
            #expect(run.console.stops == (replies.isEmpty ? [] : [2]))
        }
    }

    @Test func withoutATerminalTheDigitsAreGivenByAnotherVerb() throws {
        let run = try Run("mobile pair", RecordingConsole(), Self.agent(["redeemed"]))
        #expect(run.exit == 2)
        #expect(run.console.errors.contains("cpsctl mobile confirm"))
        let confirmed = try Run("mobile confirm P1 42", RecordingConsole(), Self.agent(["confirmed", "done"]))
        #expect(confirmed.exit == 0)
        #expect(confirmed.console.output == "“Phone of Max” is in; its session: M1\n")
        #expect(try Run("mobile confirm P1 4x", RecordingConsole(), Self.agent([])).exit == 2)
        #expect(try Run("mobile confirm P1 ٤٢", RecordingConsole(), Self.agent([])).exit == 2)
    }

    @Test func programsGetThePairingAtOnce() throws {
        let run = try Run("--json mobile pair --audience https://records.example", RecordingConsole(), Self.agent(["shown"]))
        #expect(run.exit == 0)
        #expect(run.console.document?["code_uri"]?.string == Self.uri)
        #expect(run.agent.requests.last?.json == ["session": "S1", "resource": "https://records.example"])
        #expect(run.agent.lines.count == 2)
    }

    @Test func codeIsWrittenToNewFilesForItsOwnerAlone() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "qr-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let arguments = ["--json", "mobile", "pair", "--svg", "\(folder)/c.svg", "--png", "\(folder)/c.png"]
        #expect(try Run(arguments, RecordingConsole(), Self.agent(["shown"])).exit == 0)
        for name in ["c.svg", "c.png"] {
            #expect(try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.posixPermissions] as? Int == 0o600)
        }
        #expect(try String(contentsOfFile: "\(folder)/c.svg", encoding: .utf8).hasPrefix("<svg "))
        let again = try Run(arguments, RecordingConsole(), Self.agent(["shown"]))
        #expect(again.exit == 2)
        #expect(again.agent.lines.last == "DELETE /v1/mobile/pairings/P1")
    }

    @Test func answerWithoutACodeIsAnError() throws {
        let run = try Run("mobile pair", RecordingConsole()) { request in
            request.line == "GET /v1/sessions" ? .json(["sessions": [["id": "S1"]]]) : .json(["id": "P1", "state": "shown"])
        }
        #expect(run.exit == 8)
    }

    @Test func whoAsksIsShownBeforeThePIN() throws {
        let console = RecordingConsole(replies: [.line("0000"), .line("1234")])
        let run = try Run("mobile approve WDJB-MJHT --minutes 30", console, Self.agent([]))
        #expect(run.exit == 0)
        #expect(run.agent.requests[1].json == ["session": "S1", "user_code": "WDJB-MJHT", "minutes": 30])
        for fact in ["the one in your hand", "Phone of Max", "192.0.2.7", "record:read", "LIBRE MAX"] {
            #expect(console.errors.contains(fact))
        }
        #expect(console.echoes == [false, false])
        #expect(console.output == "Approved: the device comes in within seconds\n")
    }

    @Test func whoGivesUpApprovesNothing() throws {
        let run = try Run("mobile approve WDJB-MJHT", RecordingConsole(replies: []), Self.agent([]))
        #expect(run.exit == 1)
        #expect(run.console.errors.contains("the device did not come in"))
        #expect(run.agent.lines.last == "DELETE /v1/mobile/approvals/V1")
    }

    @Test func pinComesFromStandardInputToo() throws {
        let run = try Run("--json mobile approve WDJB-MJHT --pin-stdin", RecordingConsole(input: ["1234"]), Self.agent([]))
        #expect(run.exit == 0)
        #expect(run.console.document?["state"] == "done")
        #expect(try Run("--json mobile approve X --pin-stdin", RecordingConsole(input: ["9999"]), Self.agent([])).exit == 5)
    }

    @Test func codeThatSomebodySentIsDenied() throws {
        let run = try Run("mobile deny WDJB-MJHT --session S9", RecordingConsole(), Self.agent([]))
        #expect(run.exit == 0)
        #expect(run.agent.requests.last?.json == ["session": "S9", "user_code": "WDJB-MJHT"])
    }

    @Test func devicesAreListed() throws {
        let run = try Run("mobile list", RecordingConsole(), Self.agent([]))
        for (id, state) in [("D1", "in use"), ("D2", "not in use"), ("D3", "lost")] {
            #expect(run.console.output.contains("\(id)  Phone  cps-mobile  2026-02-01T11:00:00.000Z  2026-03-01T11:00:00.000Z  \(state)\n"))
        }
        #expect(try Run("--json mobile list --person 899900063480", RecordingConsole(), Self.agent([])).console.document?["devices"] != nil)
    }

    @Test func oneDeviceOrAllAreRevoked() throws {
        #expect(try Run("mobile revoke D1", RecordingConsole(), Self.agent([])).agent.lines == ["DELETE /v1/mobile/devices/D1"])
        let all = try Run("mobile revoke --all", RecordingConsole(), Self.agent([]))
        #expect(all.agent.requests.last?.json == ["session": "S1"])
        #expect(all.exit == 0)
        for arguments in ["mobile revoke", "mobile revoke D1 --all"] {
            #expect(try Run(arguments, RecordingConsole(), Self.agent([])).exit == 2)
        }
    }

    @Test func anybodysDeviceIsReportedLost() throws {
        let run = try Run(["mobile", "lost", "--person", "899700245667", "--note", "in the tram"], RecordingConsole(), Self.agent([]))
        #expect(run.exit == 0)
        #expect(run.agent.requests.last?.json == ["session": "S1", "person": "899700245667", "note": "in the tram"])
        #expect(run.console.output == "Reported lost. Devices refused: 2; sessions ended: 1\n")
    }

    @Test(arguments: ["mobile", "mobile pair --minutes 0", "mobile pair --minutes 721", "mobile pair --background blue", "mobile approve"])
    func badArgumentsAreRefused(arguments: String) throws {
        let run = try Run(arguments, RecordingConsole(), Self.agent([]))
        #expect(run.exit == 2)
        #expect(run.agent.lines.isEmpty)
    }
}
