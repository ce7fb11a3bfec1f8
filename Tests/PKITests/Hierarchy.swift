import Foundation
import OpenSSL
import OpenSSLCommand
import PKI
import Primitives

/// One test hierarchy, made once: root, issuing authority, and leaves of many kinds, valid 2025 to 2027.
final class Hierarchy: Sendable {
    static let test = Result { try Hierarchy(environment: .test) }
    static let production = Result { try Hierarchy(environment: .production) }

    /// Inside the dates of all certificates but those named otherwise.
    static let noon = Timestamp(seconds: 1_780_315_200)

    let command: OpenSSLCommand
    private let isTest: Bool
    private let turn = NSLock()

    init(environment: Environment) throws {
        command = try OpenSSLCommand(isKept: true)
        isTest = environment == .test
        try write()
        for key in ["root", "issuing", "leaf", "other"] { try command.run("genrsa", "-out", "\(key).key", "2048") }
        try authority("root", name: "AC RACINE IGC-SANTE FORT", signer: "root", section: "root_ca")
        try authority("issuing", name: "AC IGC-SANTE FORT PERSONNES", signer: "root", section: "issuing_ca")
    }

    private var marker: String { isTest ? "TEST " : "" }

    /// Makes a leaf by `key` under `signer`. Dates as `YYMMDDhhmmssZ`.
    func leaf(
        _ name: String, key: String = "leaf", usage: String = "critical,digitalSignature", extra: [String] = [],
        category: String? = nil, policy: String? = nil, digest: String = "sha256", start: String = "250101000000Z",
        end: String = "271231000000Z", signer: String = "issuing", basic: String = "CA:FALSE"
    ) throws -> [UInt8] {
        let file = "\(name)-\(UUID().uuidString)"
        let category = category ?? (isTest ? "040180" : "040100")
        let pointer = policy ?? (isTest ? "PC%20TEST" : "PC")
        try command.write(
            """
            [leaf]
            basicConstraints = \(basic)
            keyUsage = \(usage)
            subjectKeyIdentifier = hash
            authorityKeyIdentifier = keyid
            certificatePolicies = @policy
            1.2.250.1.71.1.2.5 = DER:\(category)
            1.2.250.1.71.1.2.7 = DER:02010A
            \(extra.joined(separator: "\n"))
            [policy]
            policyIdentifier = 1.2.250.1.213.1.7.2.1.1.1.1
            CPS.1 = "http://igc-sante.esante.gouv.fr/\(pointer)"
            """, to: "\(file).ext")
        try issue(
            file, key: key, subject: "/C=FR/title=Médecin/CN=899900063480+SN=LIBRE+GN=MAX", signer: signer, extensions: "\(file).ext",
            section: "leaf", digest: digest, start: start, end: end)
        return try command.bytes("\(file).der")
    }

    func authority(_ file: String, name: String, signer: String, section: String, marker: String? = nil) throws {
        let marker = marker ?? self.marker
        let subject = "/C=FR/O=ASIP-SANTE/OU=0002 187512751/OU=IGC-SANTE\(marker.isEmpty ? "" : " TEST")/CN=\(marker)\(name)"
        try issue(
            file, key: file, subject: subject, signer: signer, extensions: "authorities.ext", section: section, digest: "sha256",
            start: "130625000000Z", end: "330625000000Z")
    }

    private func issue(
        _ file: String, key: String, subject: String, signer: String, extensions: String, section: String, digest: String, start: String,
        end: String
    ) throws {
        try command.run("req", "-new", "-config", "ca.cnf", "-key", "\(key).key", "-utf8", "-subj", subject, "-out", "\(file).csr")
        let own = signer == file ? ["-selfsign", "-keyfile", "\(key).key"] : ["-cert", "\(signer).pem", "-keyfile", "\(signer).key"]
        // One at a time: they share the authority's list of what it issued.
        turn.lock()
        defer { turn.unlock() }
        try command.run(
            ["ca", "-batch", "-notext", "-config", "ca.cnf", "-preserveDN", "-rand_serial", "-in", "\(file).csr", "-out", "\(file).pem"]
                + own + ["-extfile", extensions, "-extensions", section, "-md", digest, "-startdate", start, "-enddate", end])
        try command.run("x509", "-in", "\(file).pem", "-outform", "DER", "-out", "\(file).der")
    }

    /// A trust folder of these files, each made before.
    func folder(_ files: [String], _ name: String = UUID().uuidString) throws -> String {
        for file in files {
            try command.write(String(decoding: try command.bytes("\(file).pem"), as: UTF8.self), to: "\(name)/\(file).pem")
        }
        return command.path(name)
    }

    func store(requiresClientAuthentication: Bool = false) throws -> TrustStore {
        try TrustStore.load(
            folder: folder(["root", "issuing"]), rules: .init(requiresClientAuthentication: requiresClientAuthentication))
    }

    private func write() throws {
        try command.write("", to: "index.txt")
        try command.write(
            """
            [ca]
            default_ca = main
            [main]
            database = index.txt
            serial = serial
            new_certs_dir = .
            policy = any
            unique_subject = no
            [any]
            commonName = supplied
            [req]
            distinguished_name = dn
            string_mask = utf8only
            [dn]
            """, to: "ca.cnf")
        try command.write(
            """
            [root_ca]
            basicConstraints = critical,CA:TRUE
            keyUsage = critical,keyCertSign,cRLSign
            subjectKeyIdentifier = hash
            [issuing_ca]
            basicConstraints = critical,CA:TRUE,pathlen:0
            keyUsage = critical,keyCertSign,cRLSign
            subjectKeyIdentifier = hash
            authorityKeyIdentifier = keyid
            """, to: "authorities.ext")
    }
}
