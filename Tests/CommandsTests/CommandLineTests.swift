import APIContract
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CommandLineTests {
    @Test(arguments: [
        "", "bogus", "status extra", "--bogus status", "session", "audit", "session show", "token", "watch --after x",
        "audit list --from -1",
        "audit export", "audit export --out d --from 3 --to 2", "audit verify --key k", "login --scope a", "login --reader",
        "--lang de status",
        "token --audience a --ttl 0", "token --audience a --ttl 1w", "completions tcsh", "card --pin 1234",
    ])
    func usageErrorExitsWith2AndAsksNobody(_ arguments: String) throws {
        let plain = try Run(arguments)
        #expect(plain.exit == 2)
        #expect(plain.console.output.isEmpty)
        #expect(plain.console.errors.contains("invalid_request"))
        #expect(plain.agent.lines.isEmpty)
        let json = try Run("--json \(arguments)")
        #expect(json.exit == 2)
        #expect(json.console.errors.isEmpty)
        #expect(json.console.document?["code"] == "invalid_request")
        #expect(json.console.document?["detail"]?.string?.isEmpty == false)
    }

    @Test(arguments: [["session", "show", ""], ["logout", ""], ["login", "--accept-last-try", ""], ["card", "--reader", ""]])
    func emptyIdIsAUsageError(_ arguments: [String]) throws {
        let run = try Run(arguments)
        #expect(run.exit == 2)
        #expect(run.agent.lines.isEmpty)
    }

    @Test(arguments: ["--help", "help login", "login --help", "audit export -h"])
    func helpIsGivenOnStandardOutput(_ arguments: String) throws {
        let run = try Run(arguments)
        #expect(run.exit == 0)
        #expect(run.console.output.contains("USAGE: cpsctl"))
        #expect(run.console.errors.isEmpty)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionScriptNamesTheVerbs(_ shell: String) throws {
        let run = try Run("completions \(shell)")
        #expect(run.exit == 0)
        #expect(run.console.output.contains("introspect"))
    }

    @Test(arguments: [
        (ErrorCode.forbidden, Int32(1)), (.scopeDenied, 1), (.invalidRequest, 2), (.agentUnreachable, 3), (.noReader, 4), (.cardAbsent, 4),
        (.pinWrong, 5), (.pinBlocked, 5), (.certificateExpired, 6), (.traceInvalid, 7), (.internalError, 8), (.traceUnavailable, 8),
    ])
    func refusalOfTheAgentIsTheExitCode(_ code: ErrorCode, _ exit: Int32) throws {
        let run = try Run("status --json") { _ in .problem(code, ["held_by": "other"]) }
        #expect(run.exit == exit)
        #expect(run.console.document?["code"]?.string == code.rawValue)
        #expect(run.console.document?["held_by"] == "other")
        #expect(run.console.errors.isEmpty)
    }

    @Test func agentThatIsNotThereExitsWith3() throws {
        let run = try Run("--socket /nonexistent/s status --json")
        #expect(run.exit == 3)
        #expect(run.console.document?["code"] == "agent_unreachable")
        #expect(run.agent.lines.isEmpty)
    }

    @Test func socketOfTheOptionGoesBeforeThatOfTheEnvironment() throws {
        let other = try ScriptedAgent { _ in .json(["readers": []]) }
        let run = try Run(["readers", "--json", "--socket", other.socket])
        #expect(run.exit == 0)
        #expect(other.lines == ["GET /v1/readers"])
        #expect(run.agent.lines.isEmpty)
    }

    @Test(arguments: ["--json readers", "readers --json"])
    func globalOptionsStandBeforeOrAfterTheVerb(_ arguments: String) throws {
        let run = try Run(arguments) { _ in .json(["readers": [], "monitoring": "running"]) }
        #expect(run.console.document == ["readers": [], "monitoring": "running"])
    }

    @Test(arguments: [
        ("", [:], "No reader\n"), ("", ["LANG": "fr_FR.UTF-8"], "Aucun lecteur\n"),
        ("", ["LANG": "fr_FR.UTF-8", "LC_ALL": "C"], "No reader\n"), ("", ["LC_ALL": "", "LC_MESSAGES": "fr_CA"], "Aucun lecteur\n"),
        ("--lang en ", ["LANG": "fr_FR.UTF-8"], "No reader\n"), ("--lang=fr ", [:], "Aucun lecteur\n"),
    ])
    func languageIsThatOfTheOptionElseOfTheLocale(_ option: String, _ environment: [String: String], _ said: String) throws {
        let run = try Run("\(option)readers", environment: environment) { request in
            .json(["readers": [], "language": .string(request.fields["accept-language"] ?? "")])
        }
        #expect(run.console.output == said)
        #expect(run.agent.requests.first?.fields["accept-language"] == (said.hasPrefix("A") ? "fr" : "en"))
    }

    @Test func personIsToldWhatHappenedAndWhatToDo() throws {
        let run = try Run("status") { _ in .problem(.pinWrong, ["tries_left": 2, "detail": "VERIFY"]) }
        #expect(run.console.output.isEmpty)
        #expect(
            run.console.errors == """
                cpsctl: Wrong PIN (pin_wrong)
                  VERIFY
                  tries left: 2
                  → Enter the right PIN; `tries_left` says how many tries are left.

                """)
    }

    @Test func whatIsParticularFollowsTheLanguageForPeopleAlone() throws {
        let missing = ["--socket", "/nonexistent/s", "--lang", "fr"]
        let plain = try Run(missing + ["status"])
        #expect(plain.console.errors.contains("\n  connexion à /nonexistent/s : aucun fichier ni dossier de ce nom\n"))
        let json = try Run(missing + ["--json", "status"])
        #expect(json.console.document?["detail"] == "connect /nonexistent/s: No such file or directory")
        #expect(json.console.document?["title"] == "L'agent ne répond pas")
    }

    @Test(arguments: [("fr", "a  prête  série  Lecteur\n"), ("en", "a  ready  serial  Lecteur\n")])
    func namesOfTheAPIAreWordsForPeople(_ language: String, _ said: String) throws {
        let readers: JSON = ["readers": [["id": "a", "card": "ready", "kind": "serial", "name": "Lecteur"]]]
        #expect(try Run("--lang \(language) readers") { _ in .json(readers) }.console.output == said)
        #expect(try Run("--lang \(language) --json readers") { _ in .json(readers) }.console.document == readers)
    }

    @Test func controlCharactersNeverReachTheTerminal() throws {
        let run = try Run("readers") { _ in
            .json(["readers": [["id": "a", "card": "ready", "kind": "usb", "name": "x\u{1B}[2J\u{9B}31m\u{202E}y\u{7}"]]])
        }
        #expect(run.console.output == "a  ready  USB  x\u{FFFD}[2J\u{FFFD}31m\u{FFFD}y\u{FFFD}\n")
    }
}
