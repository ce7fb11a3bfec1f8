import Crypto
import Foundation
import MobileAPI
import NIOCore
import NIOSSL
import OpenSSLCommand
import Primitives
import Testing

@Suite(.timeLimit(.minutes(5)))
final class TLSIdentityTests: Sendable {
    private let folder: OpenSSLCommand

    init() throws {
        folder = try OpenSSLCommand()
        try install("server")
    }

    deinit { folder.remove() }

    /// Puts another certificate and its key at the place of the listener's, as whole files.
    private func install(_ name: String, certificate: Bool = true, key: Bool = true) throws {
        let files = try TLSFiles.shared()
        if certificate { try PlainFile.replace(folder.path("tls.pem"), files.bytes("\(name).pem"), mode: 0o644) }
        if key { try PlainFile.replace(folder.path("tls.key"), files.bytes("\(name).key")) }
    }

    private func identity() throws(TLSIdentity.Failure) -> TLSIdentity {
        try TLSIdentity(certificate: folder.path("tls.pem"), key: folder.path("tls.key"))
    }

    private static func pin(_ name: String) throws -> String {
        let key = try TLSFiles.certificate(name).extractPublicKey()
        return Base64URL.encode(Array(SHA256.hash(data: try key.toSPKIBytes())))
    }

    @Test func pinIsTheHashOfTheKey() throws {
        let identity = try identity()
        #expect(identity.pin == (try Self.pin("server")))
        #expect(identity.look() == .none)
        try install("renewed")
        #expect(identity.look() == .renewed)
        #expect(identity.pin == (try Self.pin("renewed")))
    }

    @Test func halfARenewalIsWaitedFor() throws {
        let identity = try identity()
        try install("renewed", key: false)
        #expect(identity.look() == .none)
        #expect(identity.pin == (try Self.pin("server")))
        try install("renewed", certificate: false)
        #expect(identity.look() == .renewed)
        #expect(identity.look() == .none)
    }

    @Test func filesThatCannotBeUsedAreToldOnceAndThoseOfBeforeGoOn() throws {
        let identity = try identity()
        try folder.write("no certificate", to: "tls.pem")
        #expect(identity.look() == .none)
        guard case .unusable(let failure) = identity.look() else {
            Issue.record("nothing was told")
            return
        }
        #expect(failure.path == folder.path("tls.pem"))
        #expect(identity.look() == .none)
        #expect(identity.pin == (try Self.pin("server")))
        try FileManager.default.removeItem(atPath: folder.path("tls.key"))
        #expect(identity.look() == .none)
        guard case .unusable = identity.look() else {
            Issue.record("nothing was told of the key that is gone")
            return
        }
        try install("renewed")
        #expect(identity.look() == .renewed)
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o644])
    func aKeyThatOthersMayReadIsRefused(mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path("tls.key"))
        let failure = #expect(throws: TLSIdentity.Failure.self) { try identity() }
        #expect(failure?.text.english.contains("nobody else may read it") == true)
    }

    @Test func theKeyOfAnotherCertificateIsRefused() throws {
        try install("renewed", certificate: false)
        let failure = #expect(throws: TLSIdentity.Failure.self) { try identity() }
        #expect(failure?.text.english.contains("not the key of the certificate") == true)
    }

    @Test func aKeyWithAPassphraseIsRefused() throws {
        try folder.run(
            "ec", "-in", try TLSFiles.shared().path("server.key"), "-aes256", "-passout", "pass:secret", "-out", "tls.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path("tls.key"))
        #expect(throws: TLSIdentity.Failure.self) { try identity() }
    }

    @Test(arguments: ["tls.pem", "tls.key"])
    func whatIsNoFileOfOursIsRefused(name: String) throws {
        try PlainFile.replace(folder.path(name), [])
        #expect(throws: TLSIdentity.Failure.self) { try identity() }
        try PlainFile.replace(folder.path(name), [UInt8](repeating: 0x41, count: 300_000))
        #expect(throws: TLSIdentity.Failure.self) { try identity() }
        try FileManager.default.removeItem(atPath: folder.path(name))
        #expect(throws: TLSIdentity.Failure.self) { try identity() }
    }

    @Test func aCertificateIsRenewedUnderLoadWithoutACut() async throws {
        let identity = try identity()
        let listener = try await TestListener(identity: identity) { $0.look = .milliseconds(5) }
        let get = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let lasting = try await listener.connect()
        lasting.send(get)
        #expect(await lasting.answer()?.status == 200)
        for name in ["renewed", "server", "renewed"] {
            try install(name)
            let pin = try Self.pin(name)
            // Clients come and go meanwhile, and each is served by one certificate or the other.
            let isRenewed = await comesTrue {
                guard let connection = try? await listener.connect() else { return false }
                connection.send(get)
                guard await connection.answer()?.status == 200 else {
                    Issue.record("a client was cut while the certificate changed")
                    return true
                }
                let shown = try? await connection.channel.nioSSL_peerCertificate().get()?.extractPublicKey().toSPKIBytes()
                connection.channel.close(promise: nil)
                return shown.map { Base64URL.encode(Array(SHA256.hash(data: $0))) } == pin
            }
            #expect(isRenewed)
            #expect(identity.pin == pin)
        }
        lasting.send(get)
        #expect(await lasting.answer()?.status == 200)
        await listener.stop()
    }
}
