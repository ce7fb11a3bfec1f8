import Foundation
import NIOSSL
import OpenSSLCommand
import Testing

/// Certificates and keys of a test: `server` and `renewed` for the listener, `records` and `stranger` for servers that ask it.
enum TLSFiles {
    private static let command = Result { try made() }

    static func shared() throws -> OpenSSLCommand { try command.get() }

    private static func made() throws -> OpenSSLCommand {
        let command = try OpenSSLCommand(isKept: true)
        for name in ["server", "renewed", "records", "stranger"] { try make(name, in: command) }
        return command
    }

    static func make(_ name: String, in command: OpenSSLCommand, days: Int = 30) throws {
        try command.run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", String(days), "-keyout",
            "\(name).key",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", "\(name).pem")
    }

    static func certificate(_ name: String) throws -> NIOSSLCertificate {
        try #require(NIOSSLCertificate.fromPEMFile(try shared().path("\(name).pem")).first)
    }

    /// A client that trusts the listener's two certificates.
    static func client(showing name: String? = nil, _ change: (inout TLSConfiguration) -> Void = { _ in }) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([try certificate("server"), try certificate("renewed")])
        if let name {
            configuration.certificateChain = [.certificate(try certificate(name))]
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: try shared().path("\(name).key"), format: .pem))
        }
        change(&configuration)
        return configuration
    }
}
