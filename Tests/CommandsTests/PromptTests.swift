import Foundation
import Primitives
import ScriptedAgent
import Synchronization
import Testing

@testable import Commands

/// `login --prompt` against a pinentry that follows a script.
@Suite(.timeLimit(.minutes(5)))
struct PromptTests {
    /// A pinentry as a shell script: what it answers by command, and a file of what it was told.
    private final class Script {
        let folder: String
        var path: String { "\(folder)/pinentry" }

        /// - Parameter cases: branches of `case $command in`, with `$n` the number of GETPINs and CONFIRMs so far.
        init(_ cases: String, greeting: String = "echo 'OK Pleased to meet you'") throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "pinentry-\(UUID().uuidString)").path()
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let script = """
                #!/bin/sh
                cd '\(folder)'
                \(greeting)
                while read -r line; do
                    printf '%s\\n' "$line" >> told
                    case "$line" in
                    \(cases)
                    *) echo OK ;;
                    esac
                done
                """
            try Data(script.utf8).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        var told: [String] {
            let text = (try? String(contentsOf: URL(filePath: "\(folder)/told"), encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map(String.init)
        }
    }

    private static func agent(tries: Int64 = 3, keypad: Bool = false) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        let left = Mutex(tries)
        return { request in
            left.withLock { left in
                switch request.line {
                case "POST /v1/logins":
                    return .json(Sample.login(tries: left, consent: left == 1 ? "L1.C" : nil, keypad: keypad), status: 201)
                case "DELETE /v1/logins/L1": return .nothing
                case "POST /v1/logins/L1/keypad": return .json(Sample.opened)
                case "PUT /v1/logins/L1/pin" where left == 1: return .problem(.lastTryConsentRequired, ["tries_left": 1])
                case "PUT /v1/logins/L1/pin", "PUT /v1/logins/L1/pin?accept_last_try=L1.C":
                    if request.body == Array("12%34".utf8) || request.text == "1234" { return .json(Sample.opened) }
                    left -= 1
                    return .problem(left == 0 ? .pinBlocked : .pinWrong, ["tries_left": .int(left)])
                default: return .problem(.notFound)
                }
            }
        }
    }

    private func login(_ script: Script, _ arguments: [String] = [], tries: Int64 = 3, keypad: Bool = false) throws -> Run {
        try Run(
            ["login", "--json", "--prompt", "--pinentry", script.path] + arguments, environment: ["PATH": "/usr/bin:/bin"],
            Self.agent(tries: tries, keypad: keypad))
    }

    @Test func pinGoesFromPinentryToTheAgent() throws {
        let script = try Script("GETPIN) echo 'D 1234'; echo OK ;;")
        let run = try login(script, ["--for", "Dossiers 50%"])
        #expect(run.exit == 0)
        #expect(run.console.document == Sample.opened)
        #expect(run.agent.requests.last?.text == "1234")
        let told = script.told.first { $0.hasPrefix("SETDESC ") }
        #expect(told?.hasPrefix("SETDESC Dossiers 50%25 asks for a login with the CPS card.%0AHolder: LIBRE MAX (Médecin)") == true)
        #expect(told?.contains("%0AReader: Virtual PCD 00 00%0ATries left: 3") == true)
        #expect(!script.told.contains { $0.contains("SETERROR") })
    }

    @Test func dataIsDecoded() throws {
        let script = try Script("GETPIN) echo 'S PASSWORD_FROM_CACHE'; echo '# hm'; echo 'D 12%2534'; echo OK ;;")
        #expect(try login(script).agent.requests.last?.body == Array("12%34".utf8))
    }

    @Test func requesterIsTheProgramThatCallsWhereNoneIsNamed() throws {
        let script = try Script("GETPIN) echo 'D 1234'; echo OK ;;")
        _ = try login(script)
        #expect(script.told.contains { $0.hasPrefix("SETDESC \(PromptDialogue.parent) asks") })
    }

    @Test func wrongPINIsShownAndAskedForAgainInANewLogin() throws {
        let script = try Script("GETPIN) if [ -e asked ]; then echo 'D 1234'; else touch asked; echo 'D 9999'; fi; echo OK ;;")
        let run = try login(script)
        #expect(run.exit == 0)
        #expect(
            run.agent.lines == [
                "POST /v1/logins", "PUT /v1/logins/L1/pin", "DELETE /v1/logins/L1", "POST /v1/logins", "PUT /v1/logins/L1/pin",
            ])
        #expect(script.told.filter { $0.hasPrefix("SETERROR ") }.count == 1)
        #expect(script.told.contains { $0.contains("Tries left: 2") })
    }

    @Test func lastTryIsConfirmedFirst() throws {
        let script = try Script("GETPIN) echo 'D 1234'; echo OK ;;")
        let run = try login(script, tries: 1)
        #expect(run.exit == 0)
        #expect(run.agent.lines.last == "PUT /v1/logins/L1/pin?accept_last_try=L1.C")
        let order = script.told.filter { $0 == "CONFIRM" || $0 == "GETPIN" }
        #expect(order == ["CONFIRM", "GETPIN"])
        #expect(script.told.contains { $0.hasPrefix("SETDESC Last try: a wrong PIN will block the card.") })
    }

    @Test(arguments: [
        ("CONFIRM) echo 'ERR 83886194 Not confirmed <Pinentry>' ;;", Int64(1)),
        ("GETPIN) echo 'ERR 83886179 Operation cancelled <Pinentry>' ;;", 3), ("GETPIN) echo 'ERR 83886142 Timeout <Pinentry>' ;;", 3),
        ("GETPIN) echo OK ;;", 3),
    ])
    func whoGivesUpSpendsNothing(_ cases: String, _ tries: Int64) throws {
        let run = try login(try Script(cases), tries: tries)
        #expect(run.exit == 1)
        #expect(run.agent.lines == ["POST /v1/logins", "DELETE /v1/logins/L1"])
    }

    @Test func readerWithAKeypadIsPointedAt() throws {
        let script = try Script("GETPIN) exit 1 ;;")
        let run = try login(script, keypad: true)
        #expect(run.exit == 0)
        #expect(run.agent.lines == ["POST /v1/logins", "POST /v1/logins/L1/keypad"])
        #expect(script.told.contains { $0.contains("enter the PIN on the reader") })
    }

    @Test(arguments: [
        ("GETPIN) echo 'D 12%3'; echo OK ;;", "Assuan"), ("GETPIN) echo 'D 1'; echo 'D 2'; echo OK ;;", "Assuan"),
        ("GETPIN) echo 'INQUIRE X' ;;", "Assuan"), ("GETPIN) head -c 5000 /dev/zero | tr '\\0' x; echo ;;", "Assuan"),
        ("GETPIN) exit 0 ;;", "ended"), ("GETPIN) echo 'ERR 83886340 Invalid IPC' ;;", "refused: Invalid IPC"),
        ("GETPIN) while :; do echo '# x'; done ;;", "Assuan"),
    ])
    func hostilePinentryEndsTheLogin(_ cases: String, _ words: String) throws {
        let run = try login(try Script(cases))
        #expect(run.exit == 2)
        #expect(run.console.document?["detail"]?.string?.contains(words) == true)
        #expect(run.agent.lines == ["POST /v1/logins", "DELETE /v1/logins/L1"])
    }

    @Test func missingPinentryIsNamed() throws {
        let run = try Run(["login", "--json", "--prompt", "--pinentry", "/nonexistent/p"], RecordingConsole(), Self.agent())
        #expect(run.exit == 2)
        #expect(run.console.document?["detail"]?.string?.contains("/nonexistent/p cannot be started") == true)
    }

    @Test(arguments: ["--prompt --pin-stdin", "--for x", "--pinentry /p", "--prompt --accept-last-try a.b", "--prompt --for \u{1B}[2J"])
    func optionsThatDoNotFitAreRefused(_ options: String) throws {
        #expect(try Run("login --json \(options)", RecordingConsole(), Self.agent()).exit == 2)
    }

    @Test func linesAreCutAndEscaped() {
        #expect(AssuanLink.line("SETDESC", "a%b\r\né") == Array("SETDESC a%25b%0D%0Aé\n".utf8))
        let long = AssuanLink.line("SETDESC", String(repeating: "%é", count: 900))
        #expect(long.count <= AssuanLink.longestLine && long.last == 0x0A)
        #expect(
            String(validating: long, as: UTF8.self)?.hasSuffix("é\n") == true
                || String(validating: long, as: UTF8.self)?.hasSuffix("%25\n") == true)
    }
}
