import Foundation
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct HabilitationTests {
    private static let answer: JSON = [
        "sha256": "00", "facts": [:], "scopes": ["record:read"],
        "decisions": [
            ["scope": "record:read", "granted": true, "rules": ["viewing", "other"]],
            ["scope": "record:write", "granted": false, "rules": ["default"]],
        ],
        "rules": [
            ["name": "viewing", "applies": true, "unmet": []],
            ["name": "entry", "applies": false, "unmet": ["profession", "not mode"]],
        ],
    ]

    private static func agent(_ matrix: JSON = [:]) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        { request in
            switch request.line {
            case "GET /v1/sessions": .json(["sessions": [Sample.session]])
            case "GET /v1/habilitation": .json(matrix)
            case "POST /v1/habilitation/explanations": .json(answer)
            default: .problem(.notFound)
            }
        }
    }

    @Test(
        arguments: [
            ("--session S9", ["session": "S9"]), ("", ["session": "S1"]),
            ("--scope a:b --scope c", ["session": "S1", "scopes": ["a:b", "c"]]),
            ("--client records", ["session": "S1", "client": "records"]),
            (
                "--profession 10 --mode mobile --know-how SM26 --break-glass",
                ["profession": "10", "mode": "mobile", "know_how": ["SM26"], "break_glass": true]
            ),
            (
                "--person 80 --role audit --training 10 --family CPF --sector SA07 --structure 1 --profile 2 --workstation w",
                [
                    "person": "80", "role": ["audit"], "training": "10", "family": "CPF", "sector": "SA07", "structure": "1",
                    "profile": "2", "workstation": "w",
                ]
            ),
        ] as [(String, JSON)])
    func explanationAsksWhatTheOptionsSay(options: String, body: JSON) throws {
        let run = try Run("habilitation explain --json \(options)", RecordingConsole(), Self.agent())
        #expect(run.exit == 0)
        #expect(run.agent.requests.last?.json == body)
        #expect(run.console.document == Self.answer)
    }

    @Test(arguments: [
        ("fr", "accordé  viewing, other", "ne s'applique pas : profession, not mode"),
        ("en", "granted  viewing, other", "does not apply: profession, not mode"),
    ])
    func personReadsVerdictsAndRules(language: String, verdict: String, rule: String) throws {
        let run = try Run("habilitation explain --profession 10 --lang \(language)", RecordingConsole(), Self.agent())
        #expect(run.console.output.contains("record:read   \(verdict)"))
        #expect(run.console.output.contains("entry    \(rule)"))
    }

    @Test func sessionAndOtherFactsDoNotGoTogether() throws {
        #expect(try Run("habilitation explain --session S1 --mode card", RecordingConsole(), Self.agent()).exit == 2)
    }

    private func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "matrix-\(UUID().uuidString).yaml").path()
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func goodFileIsSoundAndTheAgentIsNotAsked() throws {
        let path = try file("rules: {one: {grant: a}}\nsamples: {s: {grant: a}}")
        let run = try Run("habilitation check \(path) --json", RecordingConsole(), Self.agent())
        #expect(run.exit == 0)
        #expect(run.console.document?["rules"] == 1)
        #expect(run.console.document?["samples"] == 1)
        #expect(run.agent.lines.isEmpty)
    }

    @Test func badFileIsToldLineByLine() throws {
        let path = try file("rules:\n  one: {grant: 'a b'}\nother: 1")
        let run = try Run("habilitation check \(path) --json", RecordingConsole(), Self.agent())
        #expect(run.exit == 8)
        #expect(run.console.document?["code"] == "habilitation_invalid")
        #expect(run.console.document?["problems"]?.array?.compactMap { $0["line"]?.int } == [2, 3])
        #expect(run.console.document?["file"]?.string == path)
        let told = try Run("habilitation check \(path)", RecordingConsole(), Self.agent())
        #expect(told.console.errors.contains("line 2: rules.one.grant: must be scopes"))
        #expect(told.console.errors.contains("line 3: other: there is no such key"))
        let french = try Run("habilitation check \(path) --lang fr", RecordingConsole(), Self.agent())
        #expect(french.console.errors.contains("ligne 2 : rules.one.grant : il faut des droits, chacun en entier"))
        #expect(french.console.errors.contains("ligne 3 : other : cette clé n'existe pas"))
        #expect(
            try Run("habilitation check \(path) --json --lang fr", RecordingConsole(), Self.agent()).console.document?["problems"]
                == run.console.document?["problems"])
    }

    @Test func sampleThatFailsIsAProblem() throws {
        let path = try file("rules: {one: {grant: a}}\nsamples: {s: {deny: a}}")
        #expect(try Run("habilitation check \(path)", RecordingConsole(), Self.agent()).exit == 8)
    }

    @Test func fileThatIsNotThereIsAProblem() throws {
        #expect(try Run("habilitation check /nonexistent", RecordingConsole(), Self.agent()).exit == 8)
    }

    @Test func withoutFileTheAgentSaysWhetherItsOwnIsInForce() throws {
        let good: JSON = ["rules": 1, "people": 0, "samples": 0, "sha256": "00", "refused": .null]
        #expect(try Run("habilitation check", RecordingConsole(), Self.agent(good)).exit == 0)
        let bad: JSON = [
            "file": "/etc/h.yaml", "refused": ["at": "x", "problems": [["line": 4, "key": "rules.one", "reason": "must grant"]]],
        ]
        let run = try Run("habilitation check", RecordingConsole(), Self.agent(bad))
        #expect(run.exit == 8)
        #expect(run.console.errors.contains("line 4: rules.one: must grant"))
    }

    @Test func shippedMatrixIsPrintedWithRolesAndWithoutTheAgent() throws {
        let run = try Run(
            "habilitation print --person 899700245667=administration --person 899900063480=review,audit", RecordingConsole(), Self.agent())
        #expect(run.exit == 0)
        #expect(run.agent.lines.isEmpty)
        let path = try file(run.console.output)
        let checked = try Run("habilitation check \(path) --json", RecordingConsole(), Self.agent())
        #expect(checked.exit == 0)
        #expect(checked.console.document?["people"] == 2)
        #expect(run.console.output.contains("\"899900063480\": [review, audit]"))
    }

    @Test(arguments: [
        "899700245667", "899700245667=", "899700245667=king", "=review", "8\"9=review", "1=review", "899700245667=review,review",
        "899700245667=review --person 899700245667=audit",
    ])
    func personWithoutARoleIsRefused(_ person: String) throws {
        #expect(try Run("habilitation print --person \(person)", RecordingConsole(), Self.agent()).exit == 2)
    }
}
