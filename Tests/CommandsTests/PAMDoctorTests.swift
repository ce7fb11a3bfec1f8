import Commands
import Primitives
import ScriptedAgent
import Testing

/// What `doctor` makes of the files of PAM.
@Suite(.timeLimit(.minutes(5)))
struct PAMDoctorTests {
    private static let debian = """
        # here are the per-package modules (the "Primary" block)
        auth    [success=1 default=ignore]      pam_unix.so nullok
        # here's the fallback if no module succeeds
        auth    requisite                       pam_deny.so
        auth    required                        pam_permit.so
        """
    private static let module = "/usr/lib/x86_64-linux-gnu/security/pam_cps.so"

    private func texts(_ files: [String: String], module: Bool = true) throws -> [(text: String, isOK: Bool)] {
        let machine = FakeWorkstation(files: Dictionary(uniqueKeysWithValues: files.map { ("/etc/pam.d/\($0)", $1) }))
        if module { machine.files[Self.module] = "" }
        machine.places["/run/pcscd/pcscd.comm"] = Place(isSocket: true, permissions: 0o666)
        let run = try Run("--socket /nonexistent/s doctor --json", workstation: machine)
        return (run.console.document?["checks"]?.array ?? []).filter { $0["check"] == "pam" }
            .map { ($0["text"]?.string ?? "", $0["ok"] == true) }
    }

    @Test(arguments: [
        // First, and the password if the card does not serve.
        "auth [success=2 default=ignore] pam_cps.so fallback=no\n\(debian)",
        "auth sufficient pam_cps.so\n@include common-auth",
        "auth required \\\n pam_cps.so fallback=yes",
        "-auth\t[success=done default=ignore]\t/usr/lib/x86_64-linux-gnu/security/pam_cps.so",
    ])
    func orderThatWorksIsFine(_ text: String) throws {
        let found = try texts(["login": text, "common-auth": Self.debian])
        #expect(found.map(\.isOK) == [true])
        #expect(found.first?.text.contains("login") == true)
    }

    @Test(arguments: [
        ("\(debian)\nauth sufficient pam_cps.so", "after pam_deny.so"),
        ("@include common-auth\nauth sufficient pam_cps.so", "after pam_deny.so"),
        ("auth sufficient pam_unix.so\nauth sufficient pam_cps.so", "after pam_unix.so"),
        ("auth [success=done default=ignore] pam_unix.so\nauth sufficient pam_cps.so", "after pam_unix.so"),
        (
            "auth [success=2 default=ignore] pam_unix.so\nauth [success=1 default=ignore] pam_cps.so\nauth requisite pam_deny.so",
            "after pam_unix.so"
        ),
        ("auth required pam_cps.so\nauth required pam_unix.so", "without a fallback"),
        ("auth requisite pam_cps.so fallback=no", "without a fallback"),
        ("auth [success=ok default=die] pam_cps.so", "without a fallback"),
    ])
    func orderThatDoesNotWorkIsExplained(_ text: String, _ words: String) throws {
        let found = try texts(["login": text, "common-auth": Self.debian])
        #expect(found.map(\.isOK) == [false])
        #expect(found.first?.text.contains(words) == true)
    }

    @Test func missingModuleIsFound() throws {
        let found = try texts(["login": "auth sufficient pam_cps.so"], module: false)
        let isFound = found.contains { !$0.isOK && $0.text.contains("is not there") }
        #expect(isFound)
    }

    @Test func remoteLoginsMustNotNeedTheCard() throws {
        let common = "auth required pam_cps.so fallback=yes"
        let found = try texts(["common-auth": common, "sshd": "@include common-auth\nauth include other"])
        let remote = found.filter { !$0.isOK }.map { $0.text }
        #expect(remote == ["sshd requires the card (pam_cps.so)"])
        let sufficient = try texts(["common-auth": "auth sufficient pam_cps.so", "sshd": "@include common-auth"])
        let areFine = sufficient.allSatisfy { $0.isOK }
        #expect(areFine)
    }

    @Test func systemWithoutOurModuleIsFine() throws {
        let unused = try texts(["common-auth": Self.debian])
        #expect(unused.map { $0.text } == ["the card opens no Linux session here"])
        let none = try texts([:])
        #expect(none.isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func fileThatIncludesItselfAgainAndAgainIsReadAFewTimes() throws {
        _ = try texts(["login": String(repeating: "@include login\n", count: 4000) + "auth sufficient pam_cps.so"])
    }

    @Test(arguments: ["@include login", "auth include login", "auth substack login", "@include ../login", "auth [", "\u{0}\\\n", "]]] [ ]"])
    func hostileFileEndsTheLookAtIt(_ text: String) throws {
        _ = try texts(["login": "\(text)\nauth sufficient pam_cps.so"])
    }
}
