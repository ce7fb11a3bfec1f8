import Foundation
import OpenSSLCommand
import Primitives
import ScriptedAgent
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TrustTests {
    private static let made = Result { try Self.authorities() }
    private let command: OpenSSLCommand
    private let folder: String

    init() throws {
        command = try Self.made.get()
        folder = command.path("anchors-\(UUID().uuidString)")
    }

    /// A test root and its issuing authority, a production root that is none of the nine, a short key, one that ends soon.
    private static func authorities() throws -> OpenSSLCommand {
        let command = try OpenSSLCommand(isKept: true)
        func root(
            _ name: String, _ subject: String,
            key: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], days: Int = 3650
        ) throws {
            try command.run(
                ["req", "-x509", "-newkey"] + key + [
                    "-nodes", "-keyout", "\(name).key", "-subj", subject, "-days", "\(days)", "-addext",
                    "keyUsage=critical,keyCertSign,cRLSign", "-out", "\(name).pem",
                ])
        }
        try root("test", "/C=FR/O=ASIP-SANTE/OU=IGC-SANTE TEST/CN=TEST AC RACINE")
        try root("soon", "/C=FR/O=ASIP-SANTE/OU=IGC-SANTE TEST/CN=TEST AC BIENTOT", days: 20)
        try root("weak", "/C=FR/O=ASIP-SANTE/OU=IGC-SANTE TEST/CN=TEST AC FAIBLE", key: ["rsa:1024"])
        try root("production", "/C=FR/O=ASIP-SANTE/OU=IGC-SANTE/CN=AC RACINE IGC-SANTE FORT")
        try command.write(
            "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
                + "authorityKeyIdentifier=keyid\n", to: "issuing.ext")
        try command.run(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "issuing.key", "-subj",
            "/C=FR/O=ASIP-SANTE/OU=IGC-SANTE TEST/CN=TEST AC PERSONNES", "-out", "issuing.csr")
        try command.run(
            "x509", "-req", "-in", "issuing.csr", "-CA", "test.pem", "-CAkey", "test.key", "-days",
            "3000", "-extfile", "issuing.ext",
            "-set_serial", "0x112042", "-out", "issuing.pem")
        try command.run("x509", "-in", "issuing.pem", "-outform", "DER", "-out", "issuing.der")
        try command.write("no certificate", to: "text.pem")
        return command
    }

    private func cpsctl(_ verb: String, _ files: String...) throws -> Run {
        try Run(
            ["trust", verb, "--json", "--anchors", folder] + files.map(command.path), RecordingConsole())
    }

    private func present() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @Test func testAuthoritiesAreInstalledAndFoundAgain() throws {
        let run = try cpsctl("install", "test.pem", "issuing.der")
        #expect(run.exit == 0, "\(run.console.output)")
        #expect(run.console.document?["restart_needed"] == true)
        #expect(run.console.document?["environment"] == "test")
        #expect(present().count == 2)
        #expect(present().first?.hasPrefix("test-ac-personnes-") == true)
        let again = try cpsctl("install", "test.pem")
        #expect(again.exit == 0)
        #expect(again.console.document?["restart_needed"] == false)
        #expect(present().count == 2)
    }

    @Test(arguments: [
        ("production.pem", "certificate_untrusted", Int32(6)), ("weak.pem", "certificate_weak", 6),
        ("text.pem", "certificate_malformed", 6),
        ("issuing.pem", "certificate_untrusted", 6), ("absent.pem", "invalid_request", 2),
    ])
    func whatDoesNotBelongThereIsRefusedAndNothingIsWritten(file: String, code: String, exit: Int32)
        throws
    {
        let run = try cpsctl("install", file)
        #expect(run.exit == exit, "\(run.console.output)")
        #expect(run.console.document?["code"]?.string == code)
        #expect(present().isEmpty)
    }

    @Test func oneBadFileKeepsAllOut() throws {
        #expect(try cpsctl("install", "test.pem", "weak.pem").exit == 6)
        #expect(present().isEmpty)
    }

    @Test func productionNeverJoinsTest() throws {
        _ = try cpsctl("install", "test.pem")
        // Copied there by hand, past the list of the nine.
        try FileManager.default.copyItem(
            atPath: command.path("production.pem"), toPath: "\(folder)/production.pem")
        let run = try cpsctl("install", "issuing.pem")
        #expect(run.exit == 6)
        #expect(run.console.document?["code"] == "certificate_environment")
        #expect(try cpsctl("check").console.document?["code"] == "certificate_environment")
    }

    @Test func soundAuthoritiesWithoutListsAreSoundButToldOf() throws {
        _ = try cpsctl("install", "test.pem", "issuing.pem")
        let run = try cpsctl("check")
        #expect(run.exit == 0, "\(run.console.output)")
        #expect(run.console.document?["sound"] == true)
        #expect(
            run.console.document?["findings"]?.array?.map { $0["kind"]?.string } == ["list", "list"])
    }

    @Test func weakAuthorityAndOneWithoutAnIssuerAreRefused() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["weak", "issuing"] {
            try FileManager.default.copyItem(
                atPath: command.path("\(name).pem"), toPath: "\(folder)/\(name).pem")
        }
        let run = try cpsctl("check")
        #expect(run.exit == 6)
        let refused = (run.console.document?["findings"]?.array ?? []).filter { $0["refused"] == true }
        #expect(refused.map { $0["name"]?.string } == ["TEST AC FAIBLE", "TEST AC PERSONNES"])
    }

    @Test func authorityThatEndsWithinThirtyDaysIsToldOf() throws {
        _ = try cpsctl("install", "soon.pem")
        let run = try cpsctl("check")
        #expect(run.exit == 0)
        #expect(
            run.console.document?["findings"]?.array?.contains {
                $0["kind"] == "anchor" && $0["refused"] == false
            } == true)
    }

    @Test func brokenListIsRefused() throws {
        _ = try cpsctl("install", "test.pem")
        try command.write("not a list", to: "lists-\(folder.suffix(8))/a.crl")
        let run = try Run(
            [
                "trust", "check", "--json", "--anchors", folder, "--crls",
                command.path("lists-\(folder.suffix(8))"),
            ], RecordingConsole())
        #expect(run.exit == 6)
    }

    @Test func listsAreShownWithTheirWarnings() throws {
        let run = try Run("trust list --lang en") { _ in
            .json([
                "authorities": [
                    [
                        "name": "AC", "not_after": "2033-06-25T00:00:00.000Z", "list": .null,
                        "warnings": ["list_missing"],
                    ]
                ]
            ])
        }
        #expect(run.console.output.contains("Warning: there is no revocation list"))
    }
}
